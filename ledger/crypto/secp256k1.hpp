#pragma once

#include "ledger/crypto/secp256k1_keys.hpp"

/// The accounts that keys of secp256k1 have in Ethereum's way, and who signed as one of them.
namespace ledger {

/// keccak256(x || y)[12:], as in Ethereum.
Address address_of(const SecretKey& key);
Result<Address> address_of(const PublicKey& key);

/// Whose account signed; empty where `recover_key` is.
std::optional<Address> recover(const Hash& digest, const Signature& signature);

}  // namespace ledger
