#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace wallet {

/// The word list that BIP-39 calls English, in order.
std::span<const std::string_view, 2048> english_words();

/// Where a word stands in the list, 0...2047; empty when it is not there. Lower case only.
std::optional<std::uint16_t> english_word_index(std::string_view word);

}  // namespace wallet
