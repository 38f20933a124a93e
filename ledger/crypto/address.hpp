#pragma once

#include "ledger/base/ids.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Addresses as people read them: EIP-55, where the case of the letters is a checksum.
namespace ledger {

/// 0x and 40 hex digits, some letters upper-case.
std::string to_checksum(const Address& address);

/// Reads 0x and 40 hex digits. Letters all of one case carry no checksum and are accepted; mixed
/// case must be exactly what `to_checksum` writes. Empty for anything else.
std::optional<Address> parse_address(std::string_view text);

}  // namespace ledger
