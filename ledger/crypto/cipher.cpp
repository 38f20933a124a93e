#include "ledger/crypto/cipher.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/crypto/openssl.hpp"

namespace ledger {

SecretBytes aes_128_ctr(ByteView key, ByteView counter, ByteView data)
{
    ensure(key.size() == 16 && counter.size() == 16, "AES-128 takes a key and a block of 16 bytes");
    const CipherContext context{EVP_CIPHER_CTX_new()};
    SecretBytes out{data.size()};
    int length = 0;
    ensure(context != nullptr && EVP_CipherInit_ex(context.get(), EVP_aes_128_ctr(), nullptr,
                                                   key.data(), counter.data(), 1) == 1,
           "OpenSSL has AES-128-CTR");
    ensure(data.empty() || EVP_CipherUpdate(context.get(), out.mutable_view().data(), &length,
                                            data.data(), narrow_int(data.size())) == 1,
           "a stream cipher takes every message");
    return out;
}

}  // namespace ledger
