#include "ledger/crypto/x25519.hpp"

#include "ledger/crypto/openssl.hpp"

#include <algorithm>
#include <memory>

namespace ledger {
namespace {

struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeKeyContext {
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeKey>;

KeyPtr openssl_key(const X25519Key& key)
{
    KeyPtr made{EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, key.view().data(),
                                             key.view().size())};
    ensure(made != nullptr, "any 32 bytes are an X25519 key");
    return made;
}

}  // namespace

Result<X25519Key> X25519Key::from_bytes(ByteView bytes)
{
    if (bytes.size() != size) return invalid("an X25519 key has 32 bytes");
    std::array<std::uint8_t, size> copy{};
    std::copy(bytes.begin(), bytes.end(), copy.begin());
    X25519Key key{copy};
    wipe(copy);
    return key;
}

X25519Key X25519Key::generate(Random& random)
{
    X25519Key key{{}};
    random.fill(key.bytes_);
    return key;
}

X25519Key::X25519Key(X25519Key&& other) noexcept : bytes_{other.bytes_}
{
    wipe(other.bytes_);
}

X25519Key& X25519Key::operator=(X25519Key&& other) noexcept
{
    if (this != &other) {
        bytes_ = other.bytes_;
        wipe(other.bytes_);
    }
    return *this;
}

X25519PublicKey x25519_public_key(const X25519Key& key)
{
    X25519PublicKey point;
    auto length = point.bytes.size();
    ensure(EVP_PKEY_get_raw_public_key(openssl_key(key).get(), point.bytes.data(), &length) == 1 &&
               length == point.bytes.size(),
           "every X25519 key has a public one");
    return point;
}

Result<SecretBytes> x25519(const X25519Key& key, const X25519PublicKey& other)
{
    const auto mine = openssl_key(key);
    const KeyPtr theirs{EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, other.bytes.data(),
                                                    other.bytes.size())};
    const std::unique_ptr<EVP_PKEY_CTX, FreeKeyContext> context{
        EVP_PKEY_CTX_new(mine.get(), nullptr)};
    ensure(theirs != nullptr && context != nullptr && EVP_PKEY_derive_init(context.get()) == 1,
           "OpenSSL has X25519");
    SecretBytes shared{X25519PublicKey::size};
    auto length = shared.size();
    // OpenSSL itself refuses a secret of zeros.
    if (EVP_PKEY_derive_set_peer(context.get(), theirs.get()) != 1 ||
        EVP_PKEY_derive(context.get(), shared.mutable_view().data(), &length) != 1 ||
        length != shared.size())
        return invalid("an X25519 public key of small order");
    return shared;
}

}  // namespace ledger
