#pragma once

#include "inference/model/tensor.hpp"

#include <string>
#include <string_view>

namespace inference {

/// Appends a JSON string. False where `text` is not UTF-8; then `to` is not usable.
[[nodiscard]] bool write_string(std::string& to, std::string_view text);

/// Appends the elements of a tensor as a flat JSON array. False where they have
/// no JSON form: FP16, BF16, BYTES that are not UTF-8.
[[nodiscard]] bool write_data(std::string& to, const Tensor& tensor);

/// Appends the shortest form that reads back to the same value; null for NaN and infinity.
void write_number(std::string& to, float value);
void write_number(std::string& to, double value);

/// "[1,2]"
void write_shape(std::string& to, const std::vector<std::int64_t>& shape);

}  // namespace inference
