#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace wallet {

/// The word list of SLIP-0039, in order.
std::span<const std::string_view, 1024> share_words();

/// Where a word stands in the list, 0...1023; empty when it is not there. Lower case only.
std::optional<std::uint16_t> share_word_index(std::string_view word);

}  // namespace wallet
