#include "inference/remote/openai_stream.hpp"

#include "inference/remote/openai_json.hpp"

namespace inference {
namespace {

std::string as_event(std::string_view data)
{
    std::string text;
    for (;;) {
        const auto end = data.find('\n');
        text.append("data: ").append(data.substr(0, end)).append("\n");
        if (end == data.npos) return text + "\n";
        data.remove_prefix(end + 1);
    }
}

bool says_something(const OpenAiJson& in, const char* name)
{
    const auto found = in.find(name);
    if (found == in.end() || found->is_null()) return false;
    return found->is_string() ? !found->get_ref<const std::string&>().empty() : !found->empty();
}

/// Whether a token at least was made for it. Servers have many names for what is no plain content.
bool has_content(const OpenAiJson& choice)
{
    if (!choice.is_object()) refuse_openai("a choice is not an object");
    if (says_something(choice, "text")) return true;
    const auto delta = choice.find("delta");
    if (delta == choice.end() || !delta->is_object()) return false;
    for (const auto* name : {"content", "tool_calls", "function_call", "refusal", "reasoning",
                             "reasoning_content", "audio"})
        if (says_something(*delta, name)) return true;
    return false;
}

std::string failure_in(const OpenAiJson& event)
try {
    return "the model's server failed: " + openai_message_in(event);
} catch (const std::exception&) {
    return "the model's server failed";
}

}  // namespace

bool EventReader::read(std::string_view bytes, std::vector<std::string>& events)
{
    while (!too_long_ && !bytes.empty()) {
        if (std::exchange(after_cr_, false) && bytes.front() == '\n') {
            bytes.remove_prefix(1);
            continue;
        }
        const auto end = bytes.find_first_of("\r\n");
        const auto part = bytes.substr(0, end);
        if (part.size() > event_bytes_ - line_.size()) {
            too_long_ = true;
            break;
        }
        line_.append(part);
        if (end == bytes.npos) break;
        after_cr_ = bytes[end] == '\r';
        bytes.remove_prefix(end + 1);
        too_long_ = !end_line(events);
    }
    return !too_long_;
}

bool EventReader::end_line(std::vector<std::string>& events)
{
    const auto whole = std::exchange(line_, {});
    std::string_view line{whole};
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (std::exchange(first_line_, false) && line.starts_with(byte_order_mark))
        line.remove_prefix(byte_order_mark.size());
    if (line.empty()) {
        if (has_data_ && !data_.empty()) events.push_back(data_);
        has_data_ = false;
        data_.clear();
        return true;
    }
    const auto colon = line.find(':');
    if (line.substr(0, colon) != "data") return true;
    auto value = colon == line.npos ? std::string_view{} : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (data_.size() + 1 + value.size() > event_bytes_) return false;
    if (std::exchange(has_data_, true)) data_ += '\n';
    data_.append(value);
    return true;
}

Result<std::string, ProtocolError> OpenAiStream::take(ByteView bytes)
{
    std::string text;
    std::vector<std::string> events;
    if (ended_) return text;
    const bool bounded = reader_.read(ledger::as_text(bytes), events);
    for (const auto& event : events) {
        if (ended_) break;
        try {
            text += take_event(event);
        } catch (const OpenAiRefused& refused) {
            return ProtocolError{502,
                                 "the model's server sends nonsense: " + refused.error.message};
        } catch (const ProtocolError& failed) {
            return failed;
        } catch (const std::exception&) {
            return ProtocolError{502, "the model's server sends nonsense"};
        }
    }
    if (!bounded && !ended_)
        return ProtocolError{413, "the model's server sends an event that is too long"};
    passed_ += text.size();
    if (passed_ > limits_.json.body_bytes)
        return ProtocolError{413, "the model's answer is larger than is taken"};
    return text;
}

std::string OpenAiStream::take_event(const std::string& data)
{
    if (data == "[DONE]") {
        ended_ = true;
        return {};
    }
    const auto event = parse_openai(data, limits_.json);
    if (const auto error = event.find("error"); error != event.end() && !error->is_null())
        throw ProtocolError{502, failure_in(event)};
    if (const auto used = openai_usage_in(event)) usage_ = used;
    const auto choices = event.find("choices");
    if (choices == event.end() || choices->is_null()) return as_event(data);
    if (!choices->is_array()) refuse_openai("choices is not a list");
    // Tells the usage alone: one of the last, or nothing that the caller asked for.
    if (choices->empty() && event.contains("usage") && !event["usage"].is_null()) {
        usage_event_ = wants_usage_ ? as_event(data) : std::string{};
        return {};
    }
    for (const auto& choice : *choices)
        if (has_content(choice)) ++counted_;
    return as_event(data);
}

}  // namespace inference
