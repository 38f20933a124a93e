#pragma once

#include "inference/remote/openai_request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inference {

/// Takes server-sent events apart (WHATWG HTML 9.2.6): lines end in LF, CRLF or CR, an empty one
/// ends an event, `data` lines are joined by LF, comments and all other fields are dropped, and so
/// is an event without data or without its end. Pure.
class EventReader {
public:
    /// `event_bytes`: the most that one line, and the data of one event, may have.
    explicit EventReader(std::size_t event_bytes) : event_bytes_{event_bytes} {}

    /// Adds the data of the events that end within `bytes`. False above the bound, for good.
    [[nodiscard]] bool read(std::string_view bytes, std::vector<std::string>& events);

private:
    bool end_line(std::vector<std::string>& events);

    const std::size_t event_bytes_;
    std::string line_;
    std::string data_;
    bool has_data_ = false;
    bool after_cr_ = false;  ///< a LF that comes now belongs to the line's end that was seen
    bool first_line_ = true;
    bool too_long_ = false;
};

struct OpenAiStreamLimits {
    std::size_t event_bytes = 256 * 1024;
    OpenAiLimits json = {};  ///< body_bytes: of all that is passed on
};

/// Reads the stream that answers a call, as its bytes come: what of it to pass on, what it used,
/// where it ends. Its end is held back, so that the call can be charged before. Pure.
class OpenAiStream {
public:
    /// `wants_usage`: the caller asked for the usage, and so for the event that tells it.
    explicit OpenAiStream(bool wants_usage, const OpenAiStreamLimits& limits = {})
        : wants_usage_{wants_usage}, limits_{limits}, reader_{limits.event_bytes}
    {
    }

    /// What to pass on now: whole events, without the last ones; maybe nothing. After the end
    /// bytes are dropped. Errors: 502 for what is no such stream, and for an event by which the
    /// server says that it failed; 413 above a bound of ours. After an error there is nothing more.
    Result<std::string, ProtocolError> take(ByteView bytes);

    /// The server has said that all is said.
    bool ended() const { return ended_; }
    /// The last events, with [DONE]; meaningful once it ended.
    std::string rest() const { return usage_event_ + done_event(); }
    static std::string done_event() { return "data: [DONE]\n\n"; }

    /// What the server said last of its usage.
    const std::optional<OpenAiUsage>& usage() const { return usage_; }
    /// Tokens there must have been at least: one for each choice of an event that has content.
    std::uint64_t counted() const { return counted_; }

private:
    std::string take_event(const std::string& data);

    const bool wants_usage_;
    const OpenAiStreamLimits limits_;
    EventReader reader_;
    std::size_t passed_ = 0;
    std::string usage_event_;
    std::optional<OpenAiUsage> usage_;
    std::uint64_t counted_ = 0;
    bool ended_ = false;
};

}  // namespace inference
