#pragma once

#include "ledger/crypto/hpke.hpp"
#include "ledger/crypto/secp256k1_keys.hpp"

#include <cstdint>

/// The key of one sealed batch of a dataset: a scalar k of secp256k1, drawn for it alone. Its
/// point K = k * G is public, so that a sale can be bound to the key without showing it.
namespace ledger::sealing {

/// What `wrap` makes: enc, 32 bytes sealed, a tag.
inline constexpr std::size_t wrap_bytes = hpke_overhead_bytes + SecretKey::size;

/// HKDF-SHA256(k, salt = dataset, info = "millrace/dek/v1"), 32 bytes.
SecretBytes data_key(const SecretKey& batch, const Hash& dataset);

/// HKDF-SHA256(data key, no salt, info = "chunk" || u64 index), 32 bytes: showing one in a preview
/// or a dispute shows nothing of the others.
SecretBytes chunk_key(const SecretBytes& data_key, std::uint64_t index);

/// k sealed to a master key, with the dataset as HPKE's info. `invalid` when the master key is a
/// point of small order.
Result<Bytes> wrap(const SecretKey& batch, const Hash& dataset, const X25519PublicKey& master,
                   Random& random);
/// `invalid` when it was wrapped for another key or dataset, or is no scalar.
Result<SecretKey> unwrap(ByteView wrapped, const Hash& dataset, const X25519Key& master);

}  // namespace ledger::sealing
