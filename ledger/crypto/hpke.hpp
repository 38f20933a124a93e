#pragma once

#include "ledger/crypto/x25519.hpp"

/// Hybrid public key encryption (RFC 9180), single-shot, base mode, in one suite:
/// DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305. Any thread.
namespace ledger {

/// How much longer than the plaintext what is sealed is: the encapsulated key and a tag.
inline constexpr std::size_t hpke_overhead_bytes = X25519PublicKey::size + 16;

/// enc || ct. Only who holds `to`'s key can open it, told the same `info` and `associated`.
/// `invalid` when `to` is a point of small order.
Result<Bytes> hpke_seal(const X25519PublicKey& to, ByteView info, ByteView associated,
                        ByteView plain, Random& random);

/// `invalid` when it was not sealed to this key with these, or any byte has changed.
Result<SecretBytes> hpke_open(const X25519Key& key, ByteView info, ByteView associated,
                              ByteView sealed);

/// DeriveKeyPair (RFC 9180, section 7.1.3): the same key from the same secret. `invalid` when it
/// has fewer than 32 bytes.
Result<X25519Key> hpke_derive_key(ByteView secret);

}  // namespace ledger
