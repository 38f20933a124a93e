#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inference {

/// The element types of the Open Inference Protocol, version 2, and BF16 as Triton and KServe
/// use it. FP16 and BF16 travel in binary only.
enum class DataType : std::uint8_t {
    BOOL,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    INT8,
    INT16,
    INT32,
    INT64,
    FP16,
    BF16,
    FP32,
    FP64,
    BYTES,
};

inline constexpr std::array all_datatypes{
    DataType::BOOL, DataType::UINT8, DataType::UINT16, DataType::UINT32, DataType::UINT64,
    DataType::INT8, DataType::INT16, DataType::INT32,  DataType::INT64,  DataType::FP16,
    DataType::BF16, DataType::FP32,  DataType::FP64,   DataType::BYTES,
};

/// "FP32" and so on, as the protocol spells it.
std::string_view name_of(DataType type);
/// Empty for any other spelling; case matters, as in the protocol.
std::optional<DataType> datatype_named(std::string_view name);

/// Bytes of one element; 0 for BYTES, whose elements have no fixed size.
std::size_t size_of(DataType type);

/// Name, element type and shape of one input or output of a model. -1 is a size that the
/// caller chooses (often the batch).
struct TensorSpec {
    std::string name;
    DataType datatype = DataType::FP32;
    std::vector<std::int64_t> shape;
    friend bool operator==(const TensorSpec&, const TensorSpec&) = default;
};

/// What a model takes and gives, in the order the model lists them.
struct ModelIo {
    std::vector<TensorSpec> inputs;
    std::vector<TensorSpec> outputs;

    const TensorSpec* input(std::string_view name) const;
    const TensorSpec* output(std::string_view name) const;
    friend bool operator==(const ModelIo&, const ModelIo&) = default;
};

/// "[-1,784]", for messages.
std::string to_text(const std::vector<std::int64_t>& shape);

}  // namespace inference
