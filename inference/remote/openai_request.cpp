#include "inference/remote/openai_json.hpp"

#include <algorithm>

namespace inference {
namespace {

using Json = OpenAiJson;

std::uint64_t count(const Json& json, const char* name, std::uint64_t otherwise)
{
    const auto found = json.find(name);
    if (found == json.end() || found->is_null()) return otherwise;
    if (!found->is_number_unsigned() || found->get<std::uint64_t>() == 0)
        refuse_openai(std::string{name} + " is not a positive whole number");
    return found->get<std::uint64_t>();
}

bool flag(const Json& json, const char* name)
{
    const auto found = json.find(name);
    if (found == json.end() || found->is_null()) return false;
    if (!found->is_boolean()) refuse_openai(std::string{name} + " is neither true nor false");
    return found->get<bool>();
}

/// Prompts or texts: a list of strings or of token lists holds many, anything else is one.
std::uint64_t texts(const Json& json, const char* name)
{
    const auto found = json.find(name);
    if (found == json.end() || (!found->is_string() && !found->is_array()))
        refuse_openai(std::string{name} + " is missing, or neither a string nor a list");
    if (found->is_string() || found->empty() || found->front().is_number()) return 1;
    return found->size();
}

/// Tokens that are no text of the request: what a server puts around messages, and parts that are
/// pictures or sounds by their address.
std::uint64_t tokens_besides(const Json& json)
{
    std::uint64_t tokens = 256;
    const auto messages = json.find("messages");
    if (messages == json.end()) return tokens;
    if (!messages->is_array() || messages->empty())
        refuse_openai("messages is not a list of messages");
    for (const auto& message : *messages) {
        tokens += 16;
        if (!message.is_object()) refuse_openai("a message is not an object");
        const auto content = message.find("content");
        if (content == message.end() || !content->is_array()) continue;
        for (const auto& part : *content)
            if (part.is_object() && part.value("type", Json{}) != "text") tokens += 4096;
    }
    return tokens;
}

/// Sets the most tokens of one answer where the caller asked for more, or for no number.
void cap_tokens(Json& json, std::uint64_t most)
{
    bool asked = false;
    for (const char* name : {"max_tokens", "max_completion_tokens"}) {
        if (!json.contains(name) || json[name].is_null()) continue;
        json[name] = std::min(count(json, name, most), most);
        asked = true;
    }
    if (!asked) json["max_tokens"] = most;
    // Would make answers that nobody gets.
    if (json.contains("best_of")) json["best_of"] = count(json, "n", 1);
}

/// A stream says what it used where it is asked to. True: the caller has asked for it too.
bool ask_for_usage(Json& json)
{
    auto& options = json["stream_options"];
    if (options.is_null()) options = Json::object();
    if (!options.is_object()) refuse_openai("stream_options is not an object");
    const bool wanted = flag(options, "include_usage");
    options["include_usage"] = true;
    return wanted;
}

OpenAiRequest read(OpenAiCall call, Json json, const std::string& remote_model,
                   std::optional<std::uint64_t> most_out, std::size_t body_bytes,
                   const OpenAiLimits& limits)
{
    OpenAiRequest request;
    const auto model = json.find("model");
    if (model == json.end() || !model->is_string() ||
        model->get_ref<const std::string&>().size() > limits.model_bytes)
        refuse_openai("model is not the name of a model");
    request.model = model->get<std::string>();
    *model = remote_model;
    request.stream = flag(json, "stream");
    request.most_in = body_bytes + tokens_besides(json);
    if (request.stream && call != OpenAiCall::embeddings) request.wants_usage = ask_for_usage(json);

    if (call == OpenAiCall::embeddings) {
        if (request.stream) refuse_openai("embeddings do not stream");
        request.rows = texts(json, "input");
        if (request.rows > limits.choices * 16) refuse_openai("too many texts for one call");
        request.most_out = 0;
    } else {
        if (call == OpenAiCall::completions)
            request.rows = texts(json, "prompt");
        else if (!json.contains("messages"))
            refuse_openai("messages is missing");
        const auto n = count(json, "n", 1);
        if (n > limits.choices || request.rows > limits.choices / n)
            refuse_openai("more answers than one call may have");
        if (most_out) {
            const auto each = *most_out / (n * request.rows);
            if (each == 0) refuse_openai("more answers than the price has tokens for");
            cap_tokens(json, each);
            request.most_out = each * n * request.rows;
        }
    }
    const auto text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    request.body.assign(text.begin(), text.end());
    return request;
}

}  // namespace

std::string_view path_of(OpenAiCall call)
{
    switch (call) {
        case OpenAiCall::chat_completions:
            return "/chat/completions";
        case OpenAiCall::completions:
            return "/completions";
        case OpenAiCall::embeddings:
            break;
    }
    return "/embeddings";
}

Result<OpenAiRequest, ProtocolError> read_openai_request(OpenAiCall call, ByteView body,
                                                         const std::string& remote_model,
                                                         std::optional<std::uint64_t> most_out,
                                                         const OpenAiLimits& limits)
{
    if (body.size() > limits.body_bytes) return ProtocolError{413, "the request is too large"};
    try {
        return read(call, parse_openai(ledger::as_text(body), limits), remote_model, most_out,
                    body.size(), limits);
    } catch (const OpenAiRefused& refused) {
        return refused.error;
    } catch (const std::exception& error) {
        return ProtocolError{400, error.what()};
    }
}

Result<std::optional<OpenAiUsage>, ProtocolError> read_openai_usage(ByteView answer,
                                                                    const OpenAiLimits& limits)
{
    try {
        return openai_usage_in(parse_openai(ledger::as_text(answer), limits));
    } catch (const OpenAiRefused& refused) {
        return refused.error;
    } catch (const std::exception& error) {
        return ProtocolError{502, error.what()};
    }
}

std::string openai_error(ByteView answer, const OpenAiLimits& limits)
{
    try {
        return openai_message_in(parse_openai(ledger::as_text(answer), limits));
    } catch (const OpenAiRefused&) {
        return {};
    } catch (const std::exception&) {
        return {};
    }
}

OpenAiUsage within_bounds(const OpenAiUsage& said, const OpenAiRequest& request)
{
    return {std::min(said.in, request.most_in),
            request.most_out ? std::min(said.out, *request.most_out) : said.out};
}

}  // namespace inference
