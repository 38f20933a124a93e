#include "ledger/crypto/aead.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/crypto/openssl.hpp"
#include "ledger/crypto/secret.hpp"

namespace ledger {
namespace {

const EVP_CIPHER* cipher_of(Aead algorithm)
{
    return algorithm == Aead::aes_256_gcm ? EVP_aes_256_gcm() : EVP_chacha20_poly1305();
}

/// A context that has read key, nonce and associated data.
CipherContext begin(Aead algorithm, ByteView key, ByteView nonce, ByteView associated, bool sealing)
{
    ensure(key.size() == aead_key_bytes && nonce.size() == aead_nonce_bytes,
           "an AEAD key has 32 bytes, its nonce 12");
    CipherContext context{EVP_CIPHER_CTX_new()};
    int length = 0;
    ensure(context != nullptr && EVP_CipherInit_ex(context.get(), cipher_of(algorithm), nullptr,
                                                   key.data(), nonce.data(), sealing ? 1 : 0) == 1,
           "OpenSSL has both ciphers");
    ensure(
        associated.empty() || EVP_CipherUpdate(context.get(), nullptr, &length, associated.data(),
                                               narrow_int(associated.size())) == 1,
        "associated data may be anything");
    return context;
}

}  // namespace

Bytes seal(Aead algorithm, ByteView key, ByteView nonce, ByteView associated, ByteView plain)
{
    const auto context = begin(algorithm, key, nonce, associated, true);
    Bytes sealed(plain.size() + aead_tag_bytes);
    int length = 0;
    ensure(plain.empty() || EVP_CipherUpdate(context.get(), sealed.data(), &length, plain.data(),
                                             narrow_int(plain.size())) == 1,
           "every plaintext can be sealed");
    ensure(EVP_CipherFinal_ex(context.get(), sealed.data() + plain.size(), &length) == 1 &&
               EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, aead_tag_bytes,
                                   sealed.data() + plain.size()) == 1,
           "every sealing ends with a tag");
    return sealed;
}

std::optional<Bytes> open(Aead algorithm, ByteView key, ByteView nonce, ByteView associated,
                          ByteView sealed)
{
    if (sealed.size() < aead_tag_bytes) return {};
    const auto context = begin(algorithm, key, nonce, associated, false);
    const auto body = sealed.first(sealed.size() - aead_tag_bytes);
    Bytes tag{sealed.begin() + static_cast<std::ptrdiff_t>(body.size()), sealed.end()};
    Bytes plain(body.size());
    int length = 0;
    const bool read = EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, aead_tag_bytes,
                                          tag.data()) == 1 &&
                      (body.empty() || EVP_CipherUpdate(context.get(), plain.data(), &length,
                                                        body.data(), narrow_int(body.size())) == 1);
    // Final compares the tags, in constant time; `tag` gives it somewhere to write its nothing.
    if (!read || EVP_CipherFinal_ex(context.get(), tag.data(), &length) != 1) {
        wipe(plain);
        return {};
    }
    return plain;
}

}  // namespace ledger
