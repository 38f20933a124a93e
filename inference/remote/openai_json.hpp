#pragma once

#include "inference/remote/openai_request.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

// How this module reads what callers and OpenAI-compatible servers say; for its own sources.
namespace inference {

using OpenAiJson = nlohmann::ordered_json;

/// Thrown inside the module, caught where it is entered.
struct OpenAiRefused {
    ProtocolError error;
};
[[noreturn]] void refuse_openai(std::string message);

/// A JSON object that nests no deeper than the limits allow; else refused.
OpenAiJson parse_openai(std::string_view text, const OpenAiLimits&);

/// `usage` of an answer or of an event; empty where there is none.
std::optional<OpenAiUsage> openai_usage_in(const OpenAiJson&);

/// {"error": {"message"}}, as openai_error has it; throws where there is none.
std::string openai_message_in(const OpenAiJson&);

}  // namespace inference
