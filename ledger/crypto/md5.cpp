// MD5 is deprecated since OpenSSL 3.0 but there.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "ledger/crypto/md5.hpp"

#include <openssl/md5.h>

namespace ledger {

Md5 md5(ByteView data)
{
    Md5 digest;
    MD5(data.data(), data.size(), digest.bytes.data());
    return digest;
}

}  // namespace ledger
