#include "node/http/head.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>
#include <array>

namespace node {
namespace {

namespace http = boost::beast::http;
using boost::beast::iequals;

HttpError bad(const char* why)
{
    return {400, "bad_request", why};
}

/// RFC 9110 5.6.2.
constexpr std::array<bool, 256> token_characters = [] {
    std::array<bool, 256> table{};
    for (const char c : std::string_view{"!#$%&'*+-.^_`|~"})
        table[static_cast<unsigned char>(c)] = true;
    for (unsigned char c = '0'; c <= '9'; ++c) table[c] = true;
    for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = true;
    for (unsigned char c = 'A'; c <= 'Z'; ++c) table[c] = true;
    return table;
}();

bool is_token(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return token_characters[static_cast<unsigned char>(c)];
    });
}

/// RFC 9110 5.5: visible characters, space, tab and bytes above 127.
bool is_field_value(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
    });
}

bool is_digits(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// uri-host [ ":" port ] (RFC 9110 7.2), by its characters.
bool is_host(std::string_view text)
{
    if (!text.empty() && text.front() == '[') {
        const auto end = text.find(']');
        if (end == text.npos ||
            text.substr(1, end - 1).find_first_not_of("0123456789abcdefABCDEF:.") != text.npos) {
            return false;
        }
        text.remove_prefix(end + 1);
        return text.empty() || (text.front() == ':' && is_digits(text.substr(1)));
    }
    const auto colon = text.find(':');
    const auto name = text.substr(0, colon);
    const auto plain = [](char c) {
        return token_characters[static_cast<unsigned char>(c)] && c != '#' && c != '^' &&
               c != '|' && c != '`';
    };
    return !name.empty() && std::all_of(name.begin(), name.end(), plain) &&
           (colon == text.npos || is_digits(text.substr(colon + 1)));
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// Takes one line off `raw`; false when it does not end in CRLF.
bool take_line(std::string_view& raw, std::string_view& line)
{
    const auto end = raw.find('\n');
    if (end == raw.npos || end == 0 || raw[end - 1] != '\r') return false;
    line = raw.substr(0, end - 1);
    raw.remove_prefix(end + 1);
    return true;
}

ledger::Result<void, HttpError> check_request_line(std::string_view line, bool& http_1_1)
{
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == line.npos || first == last) return bad("the request line has not three parts");
    const auto method = line.substr(0, first);
    const auto target = line.substr(first + 1, last - first - 1);
    const auto version = line.substr(last + 1);
    if (!is_token(method)) return bad("the method is no token");
    const auto visible = [](char c) { return c > ' ' && c < 0x7f; };
    if (target.empty() || !std::all_of(target.begin(), target.end(), visible)) {
        return bad("the target has only visible ASCII characters");
    }
    const bool is_version = version.size() == 8 && version.starts_with("HTTP/") &&
                            is_digits(version.substr(5, 1)) && version[6] == '.' &&
                            is_digits(version.substr(7, 1));
    if (!is_version) return bad("the request line names no HTTP version");
    http_1_1 = version == "HTTP/1.1";
    if (!http_1_1 && version != "HTTP/1.0") {
        return HttpError{505, "version_not_supported", "this server speaks HTTP/1.1 and HTTP/1.0"};
    }
    return {};
}

HttpError too_many_fields()
{
    return {431, "too_many_fields", "the request has too many header fields"};
}

/// What the framing fields say, gathered over all lines.
struct Framing {
    unsigned content_lengths = 0;
    unsigned transfer_encodings = 0;
    unsigned hosts = 0;

    ledger::Result<void, HttpError> take(std::string_view name, std::string_view value)
    {
        if (iequals(name, "content-length")) {
            if (++content_lengths > 1) return bad("there are several Content-Length fields");
            if (value.empty() || value.size() > 18 || !is_digits(value)) {
                return bad("Content-Length is no number of bytes");
            }
        } else if (iequals(name, "transfer-encoding")) {
            if (++transfer_encodings > 1) return bad("there are several Transfer-Encoding fields");
            if (!iequals(value, "chunked")) return bad("the only transfer coding known is chunked");
        } else if (iequals(name, "host")) {
            if (++hosts > 1) return bad("there are several Host fields");
            if (!is_host(value)) return bad("Host is no host");
        }
        return {};
    }

    ledger::Result<void, HttpError> judge(bool http_1_1) const
    {
        if (content_lengths != 0 && transfer_encodings != 0) {
            return bad("there are both Content-Length and Transfer-Encoding");
        }
        if (http_1_1 && hosts == 0) return bad("there is no Host field");
        if (!http_1_1 && transfer_encodings != 0) return bad("HTTP/1.0 has no Transfer-Encoding");
        return {};
    }
};

/// Beast's parser with our own storage: the fields stay views into the bytes given.
class HeadParser : public http::basic_parser<true> {
public:
    explicit HeadParser(RequestHead& head) : head_{head} {}

private:
    using Code = boost::beast::error_code;
    using View = boost::beast::string_view;

    void on_request_impl(http::verb, View method, View target, int version, Code& ec) override
    {
        head_.method_text = method;
        head_.method = method_from_text(method);
        head_.http_1_1 = version == 11;
        if (!head_.target.parse(target)) ec = http::error::bad_target;
    }
    void on_field_impl(http::field, View name, View value, Code&) override
    {
        head_.headers.push_back({name, value});
    }
    void on_response_impl(int, View, int, Code&) override {}
    void on_header_impl(Code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}
    std::size_t on_body_impl(View, Code&) override { return 0; }
    void on_chunk_header_impl(std::uint64_t, View, Code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, View, Code&) override { return 0; }
    void on_finish_impl(Code&) override {}

    RequestHead& head_;
};

ledger::Result<void, HttpError> judge(RequestHead& head)
{
    const auto& target = head.target;
    if (target.is_asterisk() && head.method != Method::options) {
        return bad("only OPTIONS has the target *");
    }
    if (!target.authority().empty()) {
        const auto host = head.header("Host");
        if (host && !iequals(*host, target.authority()))
            return bad("the target's host is not Host's");
    }
    if (const auto expect = head.header("Expect"); expect && head.http_1_1) {
        if (!iequals(*expect, "100-continue") || head.header_count("Expect") != 1) {
            return HttpError{417, "expectation_failed",
                             "the only expectation known is 100-continue"};
        }
        head.expects_continue = head.has_body();
    }
    return {};
}

}  // namespace

ledger::Result<void, HttpError> split_field(std::string_view line, std::string_view& name,
                                            std::string_view& value)
{
    const auto colon = line.find(':');
    if (colon == line.npos) return bad("a header line has no colon");
    name = line.substr(0, colon);
    value = trimmed(line.substr(colon + 1));
    if (!is_token(name)) return bad("a header name is no token");
    if (!is_field_value(value)) return bad("a header value has control characters");
    return {};
}

ledger::Result<void, HttpError> check_head_part(std::string_view raw)
{
    std::string_view line, name, value;
    bool http_1_1 = true;
    for (bool first = true; raw.find('\n') != raw.npos; first = false) {
        if (!take_line(raw, line)) return bad("a line does not end in CRLF");
        if (!first && line.empty()) break;
        const auto fine =
            first ? check_request_line(line, http_1_1) : split_field(line, name, value);
        if (!fine) return fine;
    }
    return {};
}

ledger::Result<void, HttpError> check_head(std::string_view raw, HeadLimits limits)
{
    std::string_view line;
    bool http_1_1 = true;
    if (!take_line(raw, line)) return bad("a line does not end in CRLF");
    if (const auto fine = check_request_line(line, http_1_1); !fine) return fine;

    Framing framing;
    for (std::size_t count = 0;; ++count) {
        if (!take_line(raw, line)) return bad("a line does not end in CRLF");
        if (line.empty()) break;
        if (count == limits.fields) return too_many_fields();
        std::string_view name, value;
        if (const auto fine = split_field(line, name, value); !fine) return fine;
        if (const auto fine = framing.take(name, value); !fine) return fine;
    }
    if (!raw.empty()) return bad("bytes follow the head's empty line");
    return framing.judge(http_1_1);
}

ledger::Result<void, HttpError> parse_head(std::string_view raw, RequestHead& head,
                                           HeadLimits limits)
{
    head.clear();
    if (const auto fine = check_head(raw, limits); !fine) return fine;

    HeadParser parser{head};
    parser.header_limit(
        static_cast<std::uint32_t>(std::min<std::size_t>(raw.size() + 1, 1U << 24)));
    parser.body_limit(boost::none);
    boost::beast::error_code error;
    parser.put(boost::asio::buffer(raw), error);
    if (error == http::error::bad_target) return bad("the request target is not understood");
    if (error || !parser.is_header_done()) return bad("the request head is not understood");

    head.keep_alive = parser.keep_alive();
    head.chunked = parser.chunked();
    if (const auto length = parser.content_length()) head.content_length = *length;
    head.websocket_upgrade =
        parser.upgrade() && iequals(head.header("Upgrade").value_or(""), "websocket");
    return judge(head);
}

}  // namespace node
