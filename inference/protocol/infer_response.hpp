#pragma once

#include "inference/protocol/infer_request.hpp"

#include <span>

namespace inference {

struct RenderedResponse {
    Bytes body;
    /// The header Inference-Header-Content-Length; absent when the body is all JSON.
    std::optional<std::size_t> json_bytes;
    const char* content_type = "application/json";
};

struct ModelNames {
    std::string name;
    std::string version;                  ///< left out where empty
    std::span<const std::string> labels;  ///< of classes by index; may be empty
};

/// Renders the answer to `request`; `outputs` are those of request.output_names(), in that order.
/// Numbers are the shortest that read back to the same value. JSON has no NaN and no infinity:
/// they become null there, and are exact in binary.
/// Fails with 500 where BYTES that are not UTF-8 were asked for as JSON.
Result<RenderedResponse, ProtocolError> render_infer_response(const InferRequest& request,
                                                              const ModelNames& model,
                                                              std::span<const Tensor> outputs);

}  // namespace inference
