#include "samples/clustering/points.hpp"

#include "samples/shapes.hpp"

#include <algorithm>
#include <cmath>

namespace samples {

using ledger::Error;
using ledger::ErrorKind;
using ledger::invalid;
using ledger::Result;

double squared_distance(std::span<const float> left, std::span<const float> right)
{
    double sum = 0;
    for (std::size_t i = 0; i < left.size(); ++i) {
        const auto difference = static_cast<double>(left[i]) - static_cast<double>(right[i]);
        sum += difference * difference;
    }
    return sum;
}

Result<Points> points_of(const Source& source, std::uint64_t most_bytes)
{
    const auto& inputs = source.inputs();
    if (inputs.size() != 1 || inputs[0].datatype != inference::DataType::FP32)
        return invalid("points have one input, of FP32");
    const auto width = product(inputs[0].shape);
    if (width == 0) return invalid("a sample has no numbers");
    if (width > most_bytes / sizeof(float) || source.size() > most_bytes / sizeof(float) / width)
        return Error{ErrorKind::full, std::to_string(source.size()) + " samples of " +
                                          std::to_string(width) + " numbers have no room in " +
                                          std::to_string(most_bytes) + " bytes"};
    Points points{width, std::vector<float>(source.size() * width)};
    std::vector<float> numbers(product(source.target().shape));
    std::int64_t label = 0;
    for (std::size_t i = 0; i < source.size(); ++i) {
        const auto row = std::span{points.values}.subspan(i * width, width);
        const std::span<std::uint8_t> place{reinterpret_cast<std::uint8_t*>(row.data()),
                                            row.size_bytes()};
        const bool has_numbers = source.target().kind == Target::Kind::numbers;
        const auto read = source.read(
            i, {{&place, 1}, &label, has_numbers ? std::span{numbers} : std::span<float>{}});
        if (!read) return read.error();
        if (!std::ranges::all_of(row, [](float value) { return std::isfinite(value); }))
            return invalid("sample " + std::to_string(i) + " has a number that is not finite");
    }
    return points;
}

}  // namespace samples
