#pragma once

#include "ledger/base/result.hpp"
#include "ledger/crypto/secret.hpp"

#include <cstddef>
#include <string_view>

/// Base58Check as Bitcoin writes extended keys: the bytes, the first four of their double
/// SHA-256, base 58 without 0, O, I and l. Both may hold secrets, hence the types.
namespace wallet {

ledger::SecretBytes to_base58check(ledger::ByteView payload);

/// Exactly `length` bytes. Errors, all `invalid`: a text that cannot have that length, another
/// character, another length, a wrong checksum.
ledger::Result<ledger::SecretBytes> from_base58check(std::string_view text, std::size_t length);

}  // namespace wallet
