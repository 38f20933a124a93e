#pragma once

#include "ledger/base/bytes.hpp"

#include <cstddef>
#include <optional>

/// Encryption that also proves nobody changed the bytes. A nonce must never be used twice with
/// the same key: who calls this counts, or draws the key anew.
namespace ledger {

enum class Aead {
    chacha20_poly1305,  ///< RFC 8439
    aes_256_gcm,        ///< NIST SP 800-38D
};

inline constexpr std::size_t aead_key_bytes = 32;
inline constexpr std::size_t aead_nonce_bytes = 12;
inline constexpr std::size_t aead_tag_bytes = 16;

/// The ciphertext and, after it, the tag: 16 bytes more than `plain`. `associated` is covered by
/// the tag and not contained. Key and nonce must have the lengths above.
Bytes seal(Aead algorithm, ByteView key, ByteView nonce, ByteView associated, ByteView plain);

/// Empty when the key or any byte is not what it was when sealed, also when it is too short.
std::optional<Bytes> open(Aead algorithm, ByteView key, ByteView nonce, ByteView associated,
                          ByteView sealed);

}  // namespace ledger
