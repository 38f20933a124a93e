#pragma once

#include "inference/model/tensor.hpp"
#include "inference/protocol/protocol_error.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace inference {

/// What one request may cost before it is known to be any good.
struct ProtocolLimits {
    std::size_t body_bytes = 64u << 20;
    /// The JSON part alone; parsing needs about five times as much memory for a moment.
    std::size_t json_bytes = 32u << 20;
    std::size_t tensor_bytes = 64u << 20;
    std::size_t inputs = 64;
    std::size_t outputs = 64;
    std::size_t dimensions = 8;
    std::size_t parameters = 64;
    std::size_t name_bytes = 1024;
    std::size_t text_bytes = 16u << 10;
    /// Nesting of parts that we do not read.
    std::size_t depth = 16;
    std::uint32_t classes = 1000;
};

using Parameter = std::variant<bool, std::int64_t, double, std::string>;
using Parameters = std::map<std::string, Parameter, std::less<>>;

struct RequestedOutput {
    std::string name;
    bool binary = false;
    /// Answer with the best so many classes instead of the tensor; 0 means the tensor.
    std::uint32_t classification = 0;
    friend bool operator==(const RequestedOutput&, const RequestedOutput&) = default;
};

/// A request that fits the model it was sent to.
struct InferRequest {
    std::optional<std::string> id;
    Parameters parameters;
    std::vector<Tensor> inputs;
    /// Never empty: all outputs of the model where the request names none.
    std::vector<RequestedOutput> outputs;
    std::optional<std::uint64_t> timeout_us;  ///< the caller's own deadline
    std::uint64_t priority = 0;               ///< 1 is the highest, 0 the default
    std::uint64_t rows = 1;                   ///< items in the batch: the unit "row" of a price
    std::uint64_t input_bytes = 0;            ///< of all tensors: the unit "byte_in"

    std::vector<std::string> output_names() const;
};

/// Reads the body of POST /v2/models/{m}/infer (Open Inference Protocol, version 2, with Triton's
/// binary tensor extension) and checks it against `io`.
/// `json_bytes` is the value of the header Inference-Header-Content-Length: absent means all JSON;
/// 0 the raw form, where the body is the only input; otherwise JSON and then binary tensors.
/// Data may be nested or flat. Integers are exact to 64 bits. FP16 and BF16 come in binary only.
Result<InferRequest, ProtocolError> parse_infer_request(ByteView body,
                                                        std::optional<std::uint64_t> json_bytes,
                                                        const ModelIo& io,
                                                        const ProtocolLimits& limits = {});

/// The header's value: decimal digits and nothing else, no larger than a body may be.
std::optional<std::uint64_t> parse_json_bytes_header(std::string_view value);

}  // namespace inference
