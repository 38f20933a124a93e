#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/crypto/secret.hpp"

namespace ledger {

/// AES-128 in counter mode (NIST SP 800-38A), which encrypts and decrypts alike. Proves nothing
/// about who wrote the bytes: keystore files put a MAC beside it; prefer `seal` elsewhere.
/// Key and first counter block must have 16 bytes each.
SecretBytes aes_128_ctr(ByteView key, ByteView counter, ByteView data);

}  // namespace ledger
