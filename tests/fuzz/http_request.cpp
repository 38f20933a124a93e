// What stands at the front of a connection: a head, and a body in chunks. The first byte chooses.
#include "ledger/base/bytes.hpp"
#include "ledger/base/ensure.hpp"
#include "node/http/chunked.hpp"
#include "node/http/head.hpp"

namespace {

using ledger::ensure;

void check_error(const node::HttpError& error)
{
    ensure(error.status >= 400 && error.status < 600 && !error.code.empty(), "a refusal says why");
}

void check_head(std::string_view raw)
{
    node::RequestHead head;
    const auto whole = node::check_head(raw);
    const auto parsed = node::parse_head(raw, head);
    if (!whole) {
        check_error(whole.error());
        ensure(!parsed, "what is no strict head is never parsed");
        return;
    }
    for (std::size_t end = 0; end <= raw.size(); ++end)
        ensure(node::check_head_part(raw.substr(0, end)).has_value(),
               "the parts of a good head are good");
    if (!parsed) return check_error(parsed.error());
    ensure(!(head.chunked && head.content_length), "one framing");
    ensure(head.header_count("Content-Length") <= 1, "one length");
    ensure(head.header_count("Host") <= 1, "one host");
    for (const auto& field : head.headers)
        for (const char c : field.value) ensure(c != '\r' && c != '\n', "a value is one line");
    for (const auto segment : head.target.segments())
        ensure(segment != ".." && segment != ".", "no way up");
}

void check_target(std::string_view raw)
{
    node::Target target;
    if (!target.parse(raw)) return;
    for (const char c : target.path()) ensure(c > ' ' && c < 127, "a path can be logged");
    for (const auto segment : target.segments()) {
        ensure(segment != ".." && segment != ".", "no way up");
        for (const char c : segment)
            ensure(static_cast<unsigned char>(c) >= ' ' && c != 127, "no control characters");
    }
}

/// The same body whether it comes at once or byte by byte.
std::optional<std::string> decode(std::string_view input, std::size_t step)
{
    node::ChunkedDecoder decoder;
    std::string body;
    std::size_t from = 0, to = 0;
    while (!decoder.done()) {
        const auto taken = decoder.decode(input.substr(from, to - from));
        if (!taken) {
            check_error(taken.error());
            return {};
        }
        ensure(taken->consumed <= to - from, "no more than was given");
        body.append(taken->data);
        from += taken->consumed;
        if (taken->consumed == 0 && !decoder.done()) {
            if (to == input.size()) return {};
            to = std::min(input.size(), to + step);
        }
    }
    ensure(body.size() <= input.size(), "no more than was sent");
    return body + "|" + std::to_string(from);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const auto text = ledger::as_text({data + 1, size - 1});
    switch (data[0] % 3) {
        case 0:
            check_head(text);
            break;
        case 1:
            check_target(text);
            break;
        default:
            ensure(decode(text, text.size() + 1) == decode(text, 1), "one reading of the chunks");
    }
    return 0;
}
