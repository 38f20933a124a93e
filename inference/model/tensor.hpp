#pragma once

#include "inference/model/datatype.hpp"
#include "ledger/base/bytes.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace inference {

using ledger::Bytes;
using ledger::ByteView;

/// A named array of numbers or byte strings, as it travels and as the engine reads it in place.
struct Tensor {
    std::string name;
    DataType type = DataType::FP32;
    /// Never negative in a tensor; an empty shape is one element.
    std::vector<std::int64_t> shape;
    /// Little-endian, row-major. BOOL is one byte, 0 or 1. BYTES is, for each element, its length
    /// in 4 bytes and then its bytes.
    Bytes data;

    friend bool operator==(const Tensor&, const Tensor&) = default;
};

/// Product of the sizes; empty when one is negative or the product is above `limit`.
std::optional<std::uint64_t> element_count(std::span<const std::int64_t> shape,
                                           std::uint64_t limit = UINT64_MAX);

/// The elements of a BYTES tensor, as views into `data`; empty when the lengths do not add up to
/// exactly `data`, or there are not exactly `count`.
std::optional<std::vector<ByteView>> split_strings(ByteView data, std::uint64_t count);
/// Adds one element in the form a BYTES tensor has.
void append_string(Bytes& to, ByteView element);

/// Empty when `tensor` is what `spec` asks for; otherwise why it is not, for the caller to read:
/// type, shape, length of the data, booleans, lengths of strings.
std::optional<std::string> fault_of(const Tensor& tensor, const TensorSpec& spec);

/// Empty when `inputs` are exactly the inputs of `io`, each once and each as its spec asks.
std::optional<std::string> fault_of(std::span<const Tensor> inputs, const ModelIo& io);

/// Empty when `shape` fits `spec`; otherwise why not.
std::optional<std::string> shape_fault(std::span<const std::int64_t> shape, const TensorSpec& spec);

/// How many independent items a request holds: the first size of the first input where the model
/// leaves it to the caller, otherwise 1.
std::uint64_t batch_items(std::span<const Tensor> inputs, const ModelIo& io);

}  // namespace inference
