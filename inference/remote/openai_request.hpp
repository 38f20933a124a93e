#pragma once

#include "inference/model/tensor.hpp"
#include "inference/protocol/protocol_error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace inference {

/// What callers ask of an OpenAI-compatible server, by the end of the path.
enum class OpenAiCall { chat_completions, completions, embeddings };

std::string_view path_of(OpenAiCall call);  ///< "/chat/completions" …

struct OpenAiLimits {
    std::size_t body_bytes = 4u << 20;
    std::size_t depth = 32;
    std::size_t model_bytes = 256;
    std::uint64_t choices = 128;  ///< answers of one call: n times prompts
};

/// A request that may be sent on. What is sent is written anew, so that the server reads what we
/// have read: one member of a name, numbers as they were.
struct OpenAiRequest {
    std::string model;                      ///< as the caller names it
    bool stream = false;                    ///< what is sent asks for the usage then
    bool wants_usage = false;               ///< the caller asked for a stream's usage, too
    std::uint64_t rows = 1;                 ///< prompts or texts: the unit "row"
    std::uint64_t most_in = 0;              ///< tokens that the prompts can be at most
    std::optional<std::uint64_t> most_out;  ///< tokens of all answers; empty: no bound was set
    Bytes body;
};

/// Reads the body of a call. It is sent to `remote_model`; with `most_out` no more tokens than that
/// are asked for in all answers together, whatever the caller asked.
Result<OpenAiRequest, ProtocolError> read_openai_request(OpenAiCall call, ByteView body,
                                                         const std::string& remote_model,
                                                         std::optional<std::uint64_t> most_out,
                                                         const OpenAiLimits& limits = {});

/// Tokens that the server says it used.
struct OpenAiUsage {
    std::uint64_t in = 0, out = 0;
};

/// `usage` of an answer; empty where it has none. The error is for a
/// text that is no JSON object, or for counts that are none.
Result<std::optional<OpenAiUsage>, ProtocolError> read_openai_usage(
    ByteView answer, const OpenAiLimits& limits = {});

/// The message of {"error": {"message"}} without control characters, at most 300 bytes; empty where
/// the answer is something else.
std::string openai_error(ByteView answer, const OpenAiLimits& limits = {});

/// What of it is charged: no more than the request can have used.
OpenAiUsage within_bounds(const OpenAiUsage& said, const OpenAiRequest& request);

}  // namespace inference
