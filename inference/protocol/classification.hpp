#pragma once

#include "inference/model/tensor.hpp"
#include "inference/protocol/protocol_error.hpp"

#include <span>

namespace inference {

/// The `classes` largest elements of each row, best first, as BYTES "value:index" or
/// "value:index:label" (Triton's classification extension). A tensor of one dimension is one row;
/// otherwise the first dimension counts the rows. Equal values keep their order; NaN comes last.
/// BYTES have no classes.
Result<Tensor, ProtocolError> classify(const Tensor& output, std::size_t classes,
                                       std::span<const std::string> labels);

}  // namespace inference
