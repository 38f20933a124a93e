#pragma once

#include "ledger/base/bytes.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Standard base64 with padding (RFC 4648 section 4), as x402 headers carry it.
namespace wallet {

std::string to_base64(ledger::ByteView bytes);

/// Empty for anything but what `to_base64` gives.
std::optional<ledger::Bytes> from_base64(std::string_view text);

}  // namespace wallet
