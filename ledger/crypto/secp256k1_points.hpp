#pragma once

#include "ledger/crypto/secp256k1_keys.hpp"

#include <array>
#include <optional>

/// Only for the sources of this folder: points as addresses are made from them, without the square
/// root that reading the short form costs.
namespace ledger {

/// SEC 1, uncompressed: 0x04, x, y.
using LongForm = std::array<std::uint8_t, 65>;

LongForm long_public_key(const SecretKey& key);
/// Empty where `recover_key` is.
std::optional<LongForm> recover_long(const Hash& digest, const Signature& signature);

}  // namespace ledger
