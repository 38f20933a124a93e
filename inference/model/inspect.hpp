#pragma once

#include "inference/model/content_id.hpp"

#include <set>

namespace inference {

/// One operator that a model needs, with what its nodes are fed.
struct OperatorUse {
    std::string domain;  ///< "ai.onnx" or "ai.onnx.ml"
    std::string op;
    std::int32_t since = 0;    ///< the version of the operator set that defines it as used here
    std::set<DataType> types;  ///< of its inputs, as far as they follow without running the model
    std::uint64_t nodes = 0;
};

/// What a model's card says about its file. Everything here follows from the file alone, but for a
/// model that is `unverified`: another server runs it, `io` is what that server says, the rest is
/// empty.
struct ModelSummary {
    ContentId content_id;
    ledger::Hash skeleton_hash;
    ledger::Hash tensor_root;
    std::uint64_t file_bytes = 0;
    /// Elements and bytes of the main graph's initializers of floating or integer type.
    std::uint64_t parameters = 0;
    std::uint64_t parameter_bytes = 0;
    std::uint64_t nodes = 0;
    std::int64_t ir_version = 0;
    std::int64_t opset = 0;
    ModelIo io;
    std::vector<OperatorUse> operators;  ///< by domain, then name
    /// What follows from constants alone may be computed while loading (constant_growth.hpp).
    bool constants_stay_small = false;
    bool unverified = false;
};

/// Reads a model of a stranger; the error says which limit or rule it breaks.
ledger::Result<ModelSummary> inspect_model(ledger::ByteView file, const ModelLimits& limits = {});

}  // namespace inference
