#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace wallet {

/// The words of a text that begins and ends with a line feed, with one blank or line feed between
/// them; no constant when there are not `Count`.
template <std::size_t Count>
consteval std::array<std::string_view, Count> split_word_list(std::string_view text)
{
    std::array<std::string_view, Count> words;
    std::size_t count = 0;
    for (std::size_t begin = 1; begin < text.size();) {
        const std::size_t end = text.find_first_of(" \n", begin);
        words.at(count++) = text.substr(begin, end - begin);
        begin = end + 1;
    }
    if (count != Count) throw "the list has another number of words";
    return words;
}

/// Where a word stands in an ordered list; empty when it is not there.
inline std::optional<std::uint16_t> index_in(std::span<const std::string_view> words,
                                             std::string_view word)
{
    const auto found = std::ranges::lower_bound(words, word);
    if (found == words.end() || *found != word) return {};
    return static_cast<std::uint16_t>(found - words.begin());
}

}  // namespace wallet
