#include "node/http/chunked.hpp"

#include "node/http/head.hpp"

#include <algorithm>
#include <charconv>

namespace node {
namespace {

HttpError bad(const char* why)
{
    return {400, "bad_chunk", why};
}

}  // namespace

ledger::Result<ChunkedDecoder::Step, HttpError> ChunkedDecoder::decode(std::string_view input)
{
    if (state_ == State::done || input.empty()) return Step{0, {}};
    if (state_ == State::data) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
        left_ -= size;
        if (left_ == 0) state_ = State::data_end;
        return Step{size, input.substr(0, size)};
    }

    const auto end = input.find('\n');
    if (std::min(end, input.size()) >= line_limit) return bad("a chunk's line is too long");
    if (end == input.npos) {
        if (state_ == State::data_end && input != "\r")
            return bad("a chunk is longer than its size");
        return Step{0, {}};
    }
    if (end == 0 || input[end - 1] != '\r') return bad("a chunk's line does not end in CRLF");
    const auto line = input.substr(0, end - 1);
    switch (state_) {
        case State::size:
            if (const auto taken = take_size(line); !taken) return taken.error();
            break;
        case State::data_end:
            if (!line.empty()) return bad("a chunk is longer than its size");
            state_ = State::size;
            break;
        default:  // trailer
            std::string_view name, value;
            overhead_ += line.size();
            if (line.empty()) {
                state_ = State::done;
            } else if (!split_field(line, name, value)) {
                return bad("a trailer field is malformed");
            }
    }
    if (overhead_ > overhead_limit) return bad("chunk extensions and trailer are too long");
    return Step{end + 1, {}};
}

ledger::Result<void, HttpError> ChunkedDecoder::take_size(std::string_view line)
{
    const auto digits = std::min(line.find(';'), line.size());
    if (digits == 0 || digits > 15) return bad("a chunk has no valid size");
    const auto [stop, error] = std::from_chars(line.data(), line.data() + digits, left_, 16);
    if (error != std::errc{} || stop != line.data() + digits)
        return bad("a chunk has no valid size");
    for (const char c : line.substr(digits)) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            return bad("a chunk extension is malformed");
    }
    overhead_ += line.size() - digits;
    state_ = left_ == 0 ? State::trailer : State::data;
    return {};
}

}  // namespace node
