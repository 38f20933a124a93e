#pragma once

#include "inference/clients/clients.hpp"

#include <cstdint>
#include <vector>

namespace inference {

/// The smallest shape that fits: -1 becomes 1.
std::vector<std::int64_t> example_shape(const TensorSpec&);

/// A whole request as JSON, inputs in the model's order. Empty where it is longer than the limits
/// allow, or where an input has no JSON form.
std::string example_json(const ModelIo&, const ClientLimits&);

/// FP16 and BF16 travel in binary only.
bool has_json_form(const std::vector<TensorSpec>&);

}  // namespace inference
