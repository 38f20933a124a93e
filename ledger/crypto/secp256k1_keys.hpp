#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"
#include "ledger/crypto/random.hpp"
#include "ledger/crypto/secret.hpp"

#include <array>
#include <optional>
#include <span>

/// secp256k1 by way of libsecp256k1: accounts sign with recoverable ECDSA, validators with
/// BIP-340. Every function is pure and may be called from any thread.
namespace ledger {

/// A number in [1, n). Never copied unasked; overwritten when dropped or moved from.
class SecretKey {
public:
    static constexpr std::size_t size = 32;
    /// `invalid` unless exactly 32 bytes, not zero and below the group's order.
    static Result<SecretKey> from_bytes(ByteView bytes);
    static SecretKey generate(Random& random);

    SecretKey(SecretKey&& other) noexcept;
    SecretKey& operator=(SecretKey&& other) noexcept;
    ~SecretKey() { wipe(bytes_); }

    SecretKey clone() const { return SecretKey{bytes_}; }
    ByteView view() const { return bytes_; }

private:
    explicit SecretKey(const std::array<std::uint8_t, size>& bytes) : bytes_{bytes} {}
    std::array<std::uint8_t, size> bytes_;
};

PublicKey public_key(const SecretKey& key);
/// Reads the compressed (33 bytes) or uncompressed (65 bytes) form of SEC 1; `invalid` when it
/// is neither or not on the curve.
Result<PublicKey> parse_public_key(ByteView bytes);
/// 65 bytes, 0x04 first.
Result<Bytes> uncompressed(const PublicKey& key);

/// Deterministic (RFC 6979), s in the lower half, v 27 or 28.
Signature sign(const SecretKey& key, const Hash& digest);
/// Who signed. Empty when r or s is zero or not below the order, s is in the upper half (the
/// same signature in other bytes), v is not 27 or 28, or no key fits.
std::optional<PublicKey> recover_key(const Hash& digest, const Signature& signature);

ConsensusKey consensus_key(const SecretKey& key);
/// BIP-340 with `aux` as its auxiliary randomness (zeros are allowed: then deterministic).
SchnorrSignature schnorr_sign(const SecretKey& key, const Hash& message, const Hash& aux);
bool schnorr_verify(const ConsensusKey& key, const Hash& message, const SchnorrSignature&);
/// The same for a message of any length.
bool schnorr_verify(const ConsensusKey& key, ByteView message, const SchnorrSignature&);

/// The x coordinate of key * other, 32 bytes. Not uniform: put it through a KDF.
Result<SecretBytes> ecdh(const SecretKey& key, const PublicKey& other);

/// key + tweak, and key + tweak * G. `invalid` unless `tweak` has 32 bytes and is below the
/// order (zero is allowed), or when the sum is no key.
Result<SecretKey> tweak_add(const SecretKey& key, ByteView tweak);
Result<PublicKey> tweak_add(const PublicKey& key, ByteView tweak);
/// from - what. `invalid` when they are the same.
Result<SecretKey> subtract(const SecretKey& from, const SecretKey& what);
/// The sum of the points; `invalid` when there are none or they cancel out.
Result<PublicKey> combine(std::span<const PublicKey> keys);

}  // namespace ledger
