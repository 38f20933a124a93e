#pragma once

#include "ledger/crypto/secp256k1_keys.hpp"

/// secp256k1 by way of OpenSSL, to compare ours with: ECDSA by its own signing and verifying,
/// recovery and BIP-340 by their equations over its points. Slow, and it does not hide its secrets.
namespace ledger::openssl {

/// SEC 1, uncompressed; empty for what is no secret key: zero, or not below the order.
std::optional<Bytes> public_key(ByteView secret);

/// r and s, 64 bytes, with s in the lower half. OpenSSL draws the nonce.
Bytes ecdsa_sign(const SecretKey& key, const Hash& digest);
/// `key` is in either form of SEC 1; s may be in either half.
bool ecdsa_verify(ByteView key, const Hash& digest, ByteView r_and_s);
/// Who signed, uncompressed, by the rules that `recover_key` states.
std::optional<Bytes> recover(const Hash& digest, const Signature& signature);

SchnorrSignature schnorr_sign(const SecretKey& key, const Hash& message, const Hash& aux);
bool schnorr_verify(const ConsensusKey& key, ByteView message, const SchnorrSignature& signature);

}  // namespace ledger::openssl
