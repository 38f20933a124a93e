#pragma once

#include "ledger/base/amount.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wallet {

/// Tokens as people write them: "1", "0.001", at most 6 places after the point, no sign, no
/// exponent. Empty for anything else and for more than fits.
std::optional<ledger::Amount> parse_tokens(std::string_view text);

/// The same without zeros at the end: "0.001", "12".
std::string to_tokens(ledger::Amount amount);

/// A share such as "0.98" in millionths, for metrics; above 1 as well.
std::optional<std::uint64_t> parse_millionths(std::string_view text);

}  // namespace wallet
