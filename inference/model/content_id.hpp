#pragma once

#include "inference/model/datatype.hpp"
#include "inference/model/limits.hpp"
#include "ledger/base/bytes.hpp"
#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace inference {

/// What a model computes, whatever file it came from: two files with the same graph and the same
/// weights have the same id, though one keeps them in float_data and the other in raw_data.
using ContentId = ledger::FixedBytes<struct ContentIdTag, 32>;

/// One initializer of the main graph, apart from the graph.
struct WeightTensor {
    std::string name;
    DataType type = DataType::FP32;
    std::vector<std::int64_t> dims;
    /// As `Tensor::data`; empty where only the hash was asked for.
    ledger::Bytes data;
    ledger::Hash leaf;
};

/// The canonical form of a model: the graph without its weights, and the weights by name.
///
/// skeleton: the ModelProto with the initializers of the main graph reduced to name, type and
/// dims and ordered by name, typed data of all other tensors moved to raw_data; opset imports
/// ordered by domain ("ai.onnx" written as ""); documentation, producer, model version and
/// unknown fields dropped; serialised in field order. metadata_props stay.
///
/// leaf = SHA256(00 | name | u32 ONNX type | u32 rank | i64 dims... | bytes), where name and
/// bytes are preceded by their length as u64; all integers little-endian.
/// root = Merkle root of the leaves ordered by name, with inner node SHA256(02 | left | right),
/// split at the largest power of two below the count (the shape of RFC 9162); without leaves
/// SHA256(02). content_id = SHA256(01 | SHA256(skeleton) | root).
struct CanonicalModel {
    ledger::Bytes skeleton;
    std::vector<WeightTensor> tensors;
    ledger::Hash skeleton_hash;
    ledger::Hash tensor_root;
    ContentId content_id;
};

enum class WeightBytes { keep, drop };

/// Reads and checks `file` (see onnx_reader.hpp) and takes it apart.
ledger::Result<CanonicalModel> canonicalise(ledger::ByteView file, const ModelLimits& limits = {},
                                            WeightBytes weights = WeightBytes::keep);

/// The file that a canonical form stands for; `canonicalise` of it gives the same ids.
/// Fails where the tensors are not exactly those of the skeleton.
ledger::Result<ledger::Bytes> assemble(ledger::ByteView skeleton,
                                       std::span<const WeightTensor> tensors,
                                       const ModelLimits& limits = {});

/// The hash of one tensor, from its parts.
ledger::Hash tensor_leaf(const WeightTensor& tensor, ledger::ByteView data);
/// See above; `leaves` in name order.
ledger::Hash merkle_root(std::span<const ledger::Hash> leaves);

}  // namespace inference
