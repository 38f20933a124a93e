// SHA-256 goes through OpenSSL's low-level functions, deprecated since 3.0 but there: the state
// is plain bytes, so a midstate is copied for nothing, and short inputs hash faster than through
// EVP.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "ledger/crypto/sha256.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/crypto/openssl.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

namespace ledger {
namespace {

SHA256_CTX* context(std::array<std::byte, 112>& state)
{
    static_assert(sizeof(SHA256_CTX) == 112 && alignof(SHA256_CTX) <= 8);
    return reinterpret_cast<SHA256_CTX*>(state.data());
}

Bytes hmac(const EVP_MD* digest, ByteView key, ByteView data)
{
    Bytes tag(static_cast<std::size_t>(EVP_MD_get_size(digest)));
    unsigned length = 0;
    const std::uint8_t nothing = 0;  // HMAC takes a null key for "as before"
    const auto* made = HMAC(digest, key.empty() ? &nothing : key.data(), narrow_int(key.size()),
                            data.data(), data.size(), tag.data(), &length);
    ensure(made != nullptr && length == tag.size(), "HMAC takes every key and every message");
    return tag;
}

}  // namespace

Sha256::Sha256()
{
    SHA256_Init(context(state_));
}

void Sha256::update(ByteView more)
{
    SHA256_Update(context(state_), more.data(), more.size());
}

Hash Sha256::finish()
{
    Hash digest;
    SHA256_Final(digest.bytes.data(), context(state_));
    SHA256_Init(context(state_));
    return digest;
}

Hash sha256(ByteView data)
{
    Sha256 hasher;
    hasher.update(data);
    return hasher.finish();
}

TaggedHasher::TaggedHasher(std::string_view tag)
{
    const Hash name = sha256(as_bytes(tag));
    prefix_.update(name.view());
    prefix_.update(name.view());
}

Hash TaggedHasher::operator()(ByteView data) const
{
    return (*this)(data, {});
}

Hash TaggedHasher::operator()(ByteView first, ByteView second) const
{
    Sha256 hasher = prefix_;
    hasher.update(first);
    hasher.update(second);
    return hasher.finish();
}

Hash tagged_sha256(std::string_view tag, ByteView data)
{
    return TaggedHasher{tag}(data);
}

Bytes hmac_sha256(ByteView key, ByteView data)
{
    return hmac(EVP_sha256(), key, data);
}
Bytes hmac_sha512(ByteView key, ByteView data)
{
    return hmac(EVP_sha512(), key, data);
}

}  // namespace ledger
