#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/crypto/secret.hpp"

#include <cstddef>

/// Keys from strong secrets; `kdf.hpp` has those from passphrases.
namespace ledger {

/// RFC 5869. `length` is ours to choose, at most 255 * 32 bytes.
SecretBytes hkdf_sha256(ByteView secret, ByteView salt, ByteView info, std::size_t length);
/// Its two halves, for protocols that use them alone (RFC 9180).
SecretBytes hkdf_sha256_extract(ByteView salt, ByteView secret);
SecretBytes hkdf_sha256_expand(ByteView pseudorandom_key, ByteView info, std::size_t length);

}  // namespace ledger
