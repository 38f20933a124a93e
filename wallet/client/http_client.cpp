#include "wallet/client/http_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>

namespace wallet {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;

bool plain_text(std::string_view text)
{
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 127; });
}

Failure nobody(const NodeUrl& url, const std::string& why)
{
    return {Fault::unreachable, "no node at http://" + url.authority() + " (" + why +
                                    "); is it running? Another address: --node URL"};
}

Outcome<std::vector<tcp::endpoint>> resolve(asio::io_context& io, const NodeUrl& url,
                                            const HttpBounds& bounds)
{
    error_code error;
    const auto address = asio::ip::make_address(url.host, error);
    const auto port = static_cast<unsigned short>(std::stoul(url.port));
    if (!error) return std::vector{tcp::endpoint{address, port}};

    tcp::resolver resolver{io};
    std::vector<tcp::endpoint> found;
    error = asio::error::timed_out;
    resolver.async_resolve(url.host, url.port,
                           [&](error_code result, const tcp::resolver::results_type& all) {
                               error = result;
                               for (const auto& one : all) found.push_back(one.endpoint());
                           });
    io.restart();
    io.run_for(bounds.connect);
    resolver.cancel();
    if (error) return nobody(url, error.message());
    return found;
}

/// Runs what was started on `io` to its end; every step has a deadline of its own.
void finish(asio::io_context& io)
{
    io.restart();
    io.run();
}

}  // namespace

std::string NodeUrl::authority() const
{
    const auto name = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return port == "80" ? name : name + ":" + port;
}

Outcome<NodeUrl> parse_url(std::string_view text)
{
    const Failure wrong{Fault::usage,
                        "a node is given as http://HOST:PORT, not as '" + std::string{text} + "'"};
    constexpr std::string_view scheme = "http://";
    if (text.starts_with("https://"))
        return Failure{Fault::usage,
                       "https is not spoken here: give the http address of a TLS proxy"};
    if (!text.starts_with(scheme) || text.size() > 512 || !plain_text(text)) return wrong;
    text.remove_prefix(scheme.size());
    NodeUrl url;
    const auto slash = text.find('/');
    if (slash != std::string_view::npos) {
        url.base = text.substr(slash);
        while (url.base.ends_with('/')) url.base.pop_back();
        text = text.substr(0, slash);
    }
    if (text.find_first_of("@?#") != std::string_view::npos) return wrong;
    const auto bracket = text.find(']');
    const auto colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
    url.port = colon == std::string_view::npos ? "80" : std::string{text.substr(colon + 1)};
    url.host = text.substr(0, colon);
    if (bracket != std::string_view::npos) {
        if (!url.host.starts_with('[') || !url.host.ends_with(']')) return wrong;
        url.host = url.host.substr(1, url.host.size() - 2);
    }
    const bool digits =
        !url.port.empty() && url.port.size() <= 5 &&
        std::all_of(url.port.begin(), url.port.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (url.host.empty() || !digits || std::stoul(url.port) > 65'535) return wrong;
    return url;
}

std::optional<std::string_view> HttpReply::header(std::string_view name) const
{
    for (const auto& [key, value] : headers)
        if (beast::iequals(key, name)) return value;
    return {};
}

Outcome<HttpReply> HttpClient::call(const HttpRequest& request) const
try {
    asio::io_context io;
    const auto endpoints = resolve(io, url_, bounds_);
    if (!endpoints) return endpoints.error();

    beast::tcp_stream stream{io};
    error_code error;
    stream.expires_after(bounds_.connect);
    stream.async_connect(*endpoints,
                         [&](error_code result, const tcp::endpoint&) { error = result; });
    finish(io);
    if (error) return nobody(url_, error.message());
    stream.socket().set_option(tcp::no_delay{true}, error);

    http::request<http::vector_body<std::uint8_t>> message{http::string_to_verb(request.method),
                                                           url_.base + request.target, 11};
    message.set(http::field::host, url_.authority());
    message.set(http::field::user_agent, "millrace");
    message.set(http::field::connection, "close");
    if (!request.body.empty()) message.set(http::field::content_type, request.content_type);
    for (const auto& [name, value] : request.headers) message.set(name, value);
    message.body() = request.body;
    message.prepare_payload();

    stream.expires_after(bounds_.exchange);
    error_code sent;
    http::async_write(stream, message, [&](error_code result, std::size_t) { sent = result; });
    finish(io);
    // A server may answer before it has read everything, and then stop reading: look for it.
    beast::flat_buffer buffer{bounds_.head_bytes + 64 * 1024};
    http::response_parser<http::vector_body<std::uint8_t>> parser;
    parser.header_limit(bounds_.head_bytes);
    parser.body_limit(bounds_.body_bytes);
    if (sent != beast::error::timeout) {
        http::async_read(stream, buffer, parser,
                         [&](error_code result, std::size_t) { error = result; });
        finish(io);
    } else {
        error = sent;
    }
    if (error == beast::error::timeout)
        return Failure{Fault::timeout, "the node at http://" + url_.authority() +
                                           " did not answer in time; asking again is safe"};
    if (error == http::error::body_limit || error == http::error::header_limit)
        return Failure{Fault::failed, "the node's answer is larger than we take"};
    if (error && (error.category() == http::make_error_code(http::error::bad_version).category()) &&
        error != http::error::end_of_stream && error != http::error::partial_message)
        return Failure{Fault::failed,
                       "http://" + url_.authority() +
                           " answers with something that is no HTTP: " + error.message()};
    if (error)
        return Failure{Fault::unreachable, "the connection to http://" + url_.authority() +
                                               " broke: " + (sent ? sent : error).message()};

    HttpReply reply;
    reply.status = parser.get().result_int();
    for (const auto& field : parser.get())
        reply.headers.emplace_back(field.name_string(), field.value());
    reply.body = std::move(parser.get().body());
    return reply;
} catch (const std::exception& problem) {
    return Failure{Fault::failed, std::string{"HTTP: "} + problem.what()};
}

}  // namespace wallet
