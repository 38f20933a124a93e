#include "samples/shapes.hpp"

#include "inference/model/tensor.hpp"

#include <algorithm>
#include <cmath>

namespace samples {
namespace {

bool is_channels(std::int64_t size)
{
    return size == 1 || size == 3;
}

Shape without_ones(const Shape& shape)
{
    Shape rest;
    std::ranges::copy_if(shape, std::back_inserter(rest), [](auto size) { return size != 1; });
    return rest;
}

}  // namespace

bool is_batched(const Shape& input)
{
    return !input.empty() && (input[0] == -1 || (input[0] == 1 && input.size() > 1));
}

Shape sample_shape(const Shape& input)
{
    return is_batched(input) ? Shape{input.begin() + 1, input.end()} : input;
}

std::optional<PictureLayout> picture_layout(const Shape& shape)
{
    const auto batch = [](std::int64_t size) { return size == 1 || size == -1; };
    if (shape.size() == 4 && batch(shape[0])) {
        if (is_channels(shape[1])) return PictureLayout{shape[1], shape[2], shape[3], false};
        if (is_channels(shape[3])) return PictureLayout{shape[3], shape[1], shape[2], true};
    }
    if (shape.size() == 3) {
        if (is_channels(shape[2]) && !is_channels(shape[0]))
            return PictureLayout{shape[2], shape[0], shape[1], true};
        if (is_channels(shape[0])) return PictureLayout{shape[0], shape[1], shape[2], false};
        if (batch(shape[0])) return PictureLayout{1, shape[1], shape[2], false};
    }
    if (shape.size() == 2 && batch(shape[0]) && shape[1] > 0) {
        const auto side = std::llround(std::sqrt(static_cast<double>(shape[1])));
        if (side * side == shape[1]) return PictureLayout{1, side, side, false};
    }
    return {};
}

std::uint64_t product(const Shape& shape)
{
    return inference::element_count(shape).value_or(0);
}

ledger::Result<inference::TensorSpec> sample_of_array(const inference::TensorSpec& input,
                                                      const Shape& array, const std::string& what)
{
    inference::TensorSpec spec{input.name, input.datatype, sample_shape(input.shape)};
    const auto wrong =
        ledger::invalid(what + " of shape " + inference::to_text(array) + ", and the input " +
                        input.name + " takes " + inference::to_text(spec.shape));
    const auto open = static_cast<std::size_t>(std::ranges::count(spec.shape, -1));
    if (open > 0) {
        // One open size follows from the others; several only where the array has as many sizes.
        if (spec.shape.size() == array.size()) {
            for (std::size_t i = 0; i < array.size(); ++i)
                if (spec.shape[i] == -1) spec.shape[i] = array[i];
        } else if (open == 1) {
            auto& unknown = *std::ranges::find(spec.shape, -1);
            unknown = 1;
            const auto others = product(spec.shape);
            if (others == 0 || product(array) % others != 0) return wrong;
            unknown = static_cast<std::int64_t>(product(array) / others);
        } else {
            return wrong;
        }
    }
    const auto wanted = without_ones(spec.shape);
    const auto given = without_ones(array);
    const bool flat = wanted.size() <= 1 || given.size() <= 1;
    if (product(array) == 0 || product(spec.shape) != product(array) || (!flat && wanted != given))
        return wrong;
    return spec;
}

}  // namespace samples
