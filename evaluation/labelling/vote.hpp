#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace evaluation {

/// An annotator says what an item is. Items, annotators and labels are numbers from 0.
struct Vote {
    std::uint32_t item = 0;
    std::uint32_t annotator = 0;
    std::uint32_t label = 0;
    friend auto operator<=>(const Vote&, const Vote&) = default;
};

/// How many there are of each; votes may leave any of them out.
struct Panel {
    std::size_t items = 0;
    std::size_t annotators = 0;
    std::size_t classes = 0;
};

}  // namespace evaluation
