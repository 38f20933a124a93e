#pragma once

#include "samples/source.hpp"

#include <span>

namespace samples {

/// Samples as points of a space, row by row.
struct Points {
    std::size_t width = 0;
    std::vector<float> values;

    std::size_t size() const { return width == 0 ? 0 : values.size() / width; }
    std::span<const float> operator[](std::size_t index) const
    {
        return std::span{values}.subspan(index * width, width);
    }
};

double squared_distance(std::span<const float> left, std::span<const float> right);

/// All samples of a source whose only input is FP32. `full` above `most_bytes`, `invalid` where a
/// number is not finite; those of reading.
ledger::Result<Points> points_of(const Source& source, std::uint64_t most_bytes = 2ull << 30);

}  // namespace samples
