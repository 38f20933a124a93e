#pragma once

#include "ledger/base/bytes.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace node {

/// Standard base64 with padding (RFC 4648 section 4), as x402 headers use it.
std::string to_base64(ledger::ByteView bytes);

/// Reads exactly what `to_base64` writes: no line breaks, no missing padding, no stray bits in
/// the last character. Empty for anything else, so that one value has one spelling.
std::optional<ledger::Bytes> from_base64(std::string_view text);

}  // namespace node
