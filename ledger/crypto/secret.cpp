#include "ledger/crypto/secret.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace ledger {

void wipe(std::span<std::uint8_t> bytes)
{
    if (!bytes.empty()) OPENSSL_cleanse(bytes.data(), bytes.size());
}

bool equal_in_constant_time(ByteView a, ByteView b)
{
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

SecretBytes SecretBytes::copy_of(ByteView from)
{
    SecretBytes made{from.size()};
    std::copy(from.begin(), from.end(), made.bytes_.get());
    return made;
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : bytes_{std::move(other.bytes_)}, size_{std::exchange(other.size_, 0)}
{
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept
{
    if (this == &other) return *this;
    wipe(mutable_view());
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    return *this;
}

}  // namespace ledger
