#pragma once

#include "inference/model/datatype.hpp"
#include "ledger/base/result.hpp"

#include <optional>
#include <string>
#include <vector>

/// What a model's input says of one sample.
namespace samples {

using Shape = std::vector<std::int64_t>;

/// Whether the first size counts samples: an open one, or 1 before others.
bool is_batched(const Shape& input);
/// The shape without that.
Shape sample_shape(const Shape& input);

/// How an input's shape holds a picture; sides of -1 are the picture's own.
struct PictureLayout {
    std::int64_t channels = 1;
    std::int64_t height = -1;
    std::int64_t width = -1;
    bool channels_last = false;
};

/// For an input with its batch, where it has one: [N,C,H,W], [N,H,W,C], [C,H,W], [H,W,C], [N,H,W]
/// and [N,S*S] (grey, S by S), with 1 or 3 channels. Empty for all others.
std::optional<PictureLayout> picture_layout(const Shape& input);

/// The input for one sample of an array of that shape: sizes left open are the array's. `invalid`
/// where one of them is another, or where numbers would have to change places; sizes of 1 make no
/// difference, and either may be flat. `what` begins the message.
ledger::Result<inference::TensorSpec> sample_of_array(const inference::TensorSpec& input,
                                                      const Shape& array, const std::string& what);

/// The product of sizes that are all known and bounded.
std::uint64_t product(const Shape& shape);

}  // namespace samples
