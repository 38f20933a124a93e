#include "inference/remote/openai_json.hpp"

#include "ledger/base/json_depth.hpp"

#include <algorithm>

namespace inference {
namespace {

std::uint64_t tokens(const OpenAiJson& usage, const char* name)
{
    const auto found = usage.find(name);
    if (found == usage.end() || found->is_null()) return 0;
    if (!found->is_number_unsigned()) refuse_openai("the usage has a count that is none");
    return found->get<std::uint64_t>();
}

}  // namespace

void refuse_openai(std::string message)
{
    throw OpenAiRefused{{400, std::move(message)}};
}

OpenAiJson parse_openai(std::string_view text, const OpenAiLimits& limits)
{
    if (ledger::json_depth(text) > limits.depth) refuse_openai("the JSON nests too deep");
    auto json = OpenAiJson::parse(text, nullptr, false);
    if (json.is_discarded() || !json.is_object()) refuse_openai("the body is not a JSON object");
    return json;
}

std::optional<OpenAiUsage> openai_usage_in(const OpenAiJson& json)
{
    const auto usage = json.find("usage");
    if (usage == json.end() || usage->is_null()) return {};
    if (!usage->is_object()) refuse_openai("the usage is not an object");
    return OpenAiUsage{tokens(*usage, "prompt_tokens"), tokens(*usage, "completion_tokens")};
}

std::string openai_message_in(const OpenAiJson& json)
{
    constexpr std::size_t longest = 300;
    auto message = json.at("error").at("message").get<std::string>();
    std::ranges::replace_if(
        message, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    if (message.size() > longest) message.resize(longest);
    return message;
}

}  // namespace inference
