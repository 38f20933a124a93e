#pragma once

#include "inference/remote/backend.hpp"
#include "inference/remote/openai_request.hpp"
#include "node/serving/inference_call.hpp"

#include <chrono>
#include <string>

namespace node {

/// Answers to OpenAI's calls that failed, in the form of OpenAI's errors, uncharged. Who may come
/// again soon is told so with Retry-After.
CallResult openai_failure(unsigned status, std::string code, std::string message);
CallResult openai_failure(const inference::InferError&);
/// The server's own refusal, with its words where it has some.
CallResult openai_refusal(const inference::UpstreamReply&);

/// What a call used: `used` as it is charged, bytes of the request and of the answer.
UnitCounts openai_units(const inference::OpenAiRequest&, const inference::OpenAiUsage& used,
                        std::size_t bytes_in, std::size_t bytes_out,
                        std::chrono::nanoseconds spent);

}  // namespace node
