#pragma once

#include "inference/model/tensor.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace inference {

/// Inputs made up for a model, always the same for the same arguments: `rows` where a first
/// dimension is open, `inner` where another one is. Floats lie in [-1, 1) and small integers
/// anywhere; wide integers are 0 or 1, as models use them as indices. Empty when a tensor would
/// have more than 16 million elements.
std::optional<std::vector<Tensor>> synthetic_inputs(const ModelIo& io, std::int64_t rows,
                                                    std::int64_t inner, std::uint64_t seed);

}  // namespace inference
