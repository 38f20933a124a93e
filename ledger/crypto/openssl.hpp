#pragma once

#include "ledger/base/ensure.hpp"

#include <openssl/evp.h>

#include <cstddef>
#include <limits>
#include <memory>

/// Only for the sources of this folder: OpenSSL's owners and its int lengths.
namespace ledger {

struct FreeCipherContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipherContext>;

/// OpenSSL counts many lengths in int; callers check what strangers send long before this.
inline int narrow_int(std::size_t length)
{
    ensure(length <= static_cast<std::size_t>(std::numeric_limits<int>::max()),
           "a length handed to OpenSSL fits its int");
    return static_cast<int>(length);
}

}  // namespace ledger
