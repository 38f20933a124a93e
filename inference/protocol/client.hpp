#pragma once

#include "inference/protocol/infer_response.hpp"

namespace inference {

/// The other side of the protocol, for wallets and tests.

enum class Encoding { json, binary };

/// A request for `outputs`, none means all, tensors and answer both in `encoding`. FP16, BF16 and
/// BYTES that are not UTF-8 need binary.
Result<RenderedResponse, ProtocolError> render_infer_request(
    std::span<const Tensor> inputs, Encoding encoding, const std::string& id = {},
    std::span<const std::string> outputs = {});

struct InferResponse {
    std::string model_name, model_version, id;
    std::vector<Tensor> outputs;
};

/// Reads a 200 answer, from a server that is as little trusted as a caller. null among the
/// numbers of a float tensor is read as NaN.
Result<InferResponse, ProtocolError> parse_infer_response(ByteView body,
                                                          std::optional<std::uint64_t> json_bytes,
                                                          const ProtocolLimits& limits = {});

/// Inputs and outputs as a server describes a model (GET /v2/models/{m}); names are unique.
Result<ModelIo, ProtocolError> parse_model_metadata(ByteView body,
                                                    const ProtocolLimits& limits = {});

/// The message of {"error": message} without control characters, at most 300 bytes; empty where
/// the body is something else.
std::string parse_error(ByteView body);

}  // namespace inference
