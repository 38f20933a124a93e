#pragma once

#include "inference/model/datatype.hpp"
#include "ledger/base/bytes.hpp"

#include <optional>

/// Single numbers of files and of tensors.
namespace samples {

enum class ByteOrder { little, big };

/// The element at the front of `from`, which has size_of(`type`) bytes; BOOL is 0 or 1. Integers
/// beyond 2^53 are rounded. `type` is not BYTES.
double number_at(const std::uint8_t* from, inference::DataType type,
                 ByteOrder order = ByteOrder::little);

/// Whether `put_number` can write this type: integers, BOOL, FP32 and FP64.
bool can_put(inference::DataType type);
/// Writes an element, little-endian. False where an integer type cannot hold the value as it is,
/// and nothing is written; floats are rounded.
[[nodiscard]] bool put_number(std::uint8_t* to, inference::DataType type, double value);

/// The whole text as a finite number in decimal; blanks around it are passed over.
std::optional<double> number_of(std::string_view text);

}  // namespace samples
