#pragma once

#include "inference/model/datatype.hpp"
#include "inference/model/limits.hpp"
#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"

#include <onnx/onnx_pb.h>

#include <optional>

namespace inference {

/// Parses a model file of a stranger and checks it: the limits, tensors that hold exactly what
/// their shape says, no external data, no operator outside ai.onnx and ai.onnx.ml, plain tensors
/// as inputs and outputs, and the format's own checker. Nothing is run and no other file opened.
/// The domain "ai.onnx" is written as "" in what it returns.
ledger::Result<onnx::ModelProto> read_onnx(ledger::ByteView file, const ModelLimits& limits);

/// Empty for the types that the protocol has no name for (complex).
std::optional<DataType> datatype_of(std::int32_t onnx_type);
/// The other way, always possible.
std::int32_t onnx_type_of(DataType type);

/// Inputs without those that have an initializer, and outputs. The model must have passed
/// `read_onnx`.
ModelIo io_of(const onnx::ModelProto& model);

/// "" and "ai.onnx" are the same operator set.
inline const char* plain_domain(const std::string& domain)
{
    return domain == "ai.onnx" ? "" : domain.c_str();
}

/// Elements of a tensor that passed `read_onnx`.
std::uint64_t elements_of(const onnx::TensorProto& tensor);

}  // namespace inference
