#include "node/http/response_head.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace node {
namespace {

using boost::beast::iequals;

bool may_be_sent(std::string_view name, std::string_view value)
{
    const auto control = [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && byte != '\t') || byte == 0x7f;
    };
    const auto no_name = [&](char c) { return control(c) || c == ' ' || c == ':' || c == '\t'; };
    if (name.empty() || std::any_of(name.begin(), name.end(), no_name)) return false;
    if (std::any_of(value.begin(), value.end(), control)) return false;
    return !iequals(name, "content-length") && !iequals(name, "transfer-encoding") &&
           !iequals(name, "connection");
}

void append_field(std::string& to, std::string_view name, std::string_view value)
{
    to.append(name).append(": ").append(value).append("\r\n");
}

void append_number(std::string& to, std::uint64_t number)
{
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    to.append(digits.data(), end);
}

}  // namespace

void append_response_head(std::string& to, const Response& response, const Response::Headers& more,
                          const AnswerFraming& framing, std::string_view date)
{
    to.append("HTTP/1.1 ");
    append_number(to, response.status());
    const auto reason =
        boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(response.status()));
    to.append(" ").append(reason.data(), reason.size()).append("\r\n");
    if (!response.content_type().empty() && may_be_sent("content-type", response.content_type())) {
        append_field(to, "Content-Type", response.content_type());
    }
    if (framing.content_length) {
        to.append("Content-Length: ");
        append_number(to, *framing.content_length);
        to.append("\r\n");
    }
    if (framing.chunked) to.append("Transfer-Encoding: chunked\r\n");
    append_field(to, "Date", date);
    for (const auto* headers : {&response.headers(), &more}) {
        for (const auto& [name, value] : *headers) {
            if (may_be_sent(name, value)) append_field(to, name, value);
        }
    }
    if (framing.close) to.append("Connection: close\r\n");
    if (framing.keep_alive_1_0 && !framing.close) to.append("Connection: keep-alive\r\n");
    to.append("\r\n");
}

}  // namespace node
