#include "web/http_client.hpp"

#include "ledger/base/ip_address.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>

namespace web {
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
    return {Fault::unreachable, "no node at " + url.origin() + " (" + why +
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

bool is_public(const tcp::endpoint& endpoint)
{
    const auto& address = endpoint.address();
    const auto v6 = address.is_v4()
                        ? asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4())
                        : address.to_v6();
    return ledger::is_public(ledger::IpBytes{v6.to_bytes()});
}

/// Runs what was started on `io` to its end; every step has a deadline of its own.
void finish(asio::io_context& io)
{
    io.restart();
    io.run();
}

Failure broken(const NodeUrl& url, const std::string& why)
{
    return {Fault::unreachable, "the connection to " + url.origin() + " broke: " + why};
}

/// One call over a connection that stands: `stream` is the TCP stream itself or TLS above it.
template <class Stream>
Outcome<HttpReply> exchange(asio::io_context& io, Stream& stream, const NodeUrl& url,
                            const HttpBounds& bounds, const HttpRequest& request)
{
    http::request<http::vector_body<std::uint8_t>> message{http::string_to_verb(request.method),
                                                           url.base + request.target, 11};
    message.set(http::field::host, url.authority());
    message.set(http::field::user_agent, "millrace");
    message.set(http::field::connection, "close");
    if (!request.body.empty()) message.set(http::field::content_type, request.content_type);
    for (const auto& [name, value] : request.headers) message.set(name, value);
    message.body() = request.body;
    message.prepare_payload();

    beast::get_lowest_layer(stream).expires_after(bounds.exchange);
    error_code sent;
    error_code error;
    http::async_write(stream, message, [&](error_code result, std::size_t) { sent = result; });
    finish(io);
    // A server may answer before it has read everything, and then stop reading: look for it.
    beast::flat_buffer buffer{bounds.head_bytes + 64 * 1024};
    http::response_parser<http::vector_body<std::uint8_t>> parser;
    parser.header_limit(bounds.head_bytes);
    parser.body_limit(bounds.body_bytes);
    if (sent != beast::error::timeout) {
        http::async_read(stream, buffer, parser,
                         [&](error_code result, std::size_t) { error = result; });
        finish(io);
    } else {
        error = sent;
    }
    if (error == beast::error::timeout)
        return Failure{Fault::timeout, "the node at " + url.origin() +
                                           " did not answer in time; asking again is safe"};
    if (error == http::error::body_limit || error == http::error::header_limit)
        return Failure{Fault::failed, "the node's answer is larger than we take"};
    if (error && (error.category() == http::make_error_code(http::error::bad_version).category()) &&
        error != http::error::end_of_stream && error != http::error::partial_message)
        return Failure{Fault::failed, url.origin() + " answers with something that is no HTTP: " +
                                          error.message()};
    if (error) return broken(url, (sent ? sent : error).message());

    HttpReply reply;
    reply.status = parser.get().result_int();
    for (const auto& field : parser.get())
        reply.headers.emplace_back(field.name_string(), field.value());
    reply.body = std::move(parser.get().body());
    return reply;
}

error_code trust_in(asio::ssl::context& context, const HttpTrust& trust)
{
    error_code error;
    context.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, error);
    context.set_verify_mode(asio::ssl::verify_peer, error);
    if (trust.authorities.empty())
        context.set_default_verify_paths(error);
    else
        context.load_verify_file(trust.authorities, error);
    return error;
}

/// The certificate has to be for `host`, an address or a name; a name is also told (RFC 6066 3).
bool expect_host(SSL* stream, const std::string& host)
{
    error_code no_address;
    asio::ip::make_address(host, no_address);
    if (!no_address)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(stream), host.c_str()) == 1;
    return SSL_set1_host(stream, host.c_str()) == 1 &&
           SSL_set_tlsext_host_name(stream, host.c_str()) == 1;
}

Outcome<HttpReply> exchange_over_tls(asio::io_context& io, beast::tcp_stream stream,
                                     const NodeUrl& url, const HttpBounds& bounds,
                                     const HttpTrust& trust, const HttpRequest& request)
{
    asio::ssl::context context{asio::ssl::context::tls_client};
    if (const auto error = trust_in(context, trust))
        return Failure{Fault::usage,
                       "cannot read the certificates that vouch for nodes" +
                           (trust.authorities.empty() ? "" : " in " + trust.authorities) + ": " +
                           error.message()};
    asio::ssl::stream<beast::tcp_stream> secure{std::move(stream), context};
    if (!expect_host(secure.native_handle(), url.host))
        return Failure{Fault::usage, url.host + " cannot be the name of a server"};
    error_code error;
    secure.next_layer().expires_after(bounds.connect);
    secure.async_handshake(asio::ssl::stream_base::client,
                           [&](error_code result) { error = result; });
    finish(io);
    if (const auto verdict = SSL_get_verify_result(secure.native_handle());
        error && verdict != X509_V_OK)
        return Failure{Fault::unverified,
                       "the certificate of " + url.origin() +
                           " does not hold: " + X509_verify_cert_error_string(verdict) +
                           "; nothing was sent. Your own authority: --authorities FILE"};
    if (error == beast::error::timeout)
        return Failure{Fault::timeout,
                       url.origin() + " did not greet in time; asking again is safe"};
    if (error) return broken(url, error.message() + "; does it speak TLS?");
    return exchange(io, secure, url, bounds, request);
}

}  // namespace

std::string NodeUrl::authority() const
{
    const auto name = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return port == (tls ? "443" : "80") ? name : name + ":" + port;
}

std::string NodeUrl::origin() const
{
    return (tls ? "https://" : "http://") + authority();
}

Outcome<NodeUrl> parse_url(std::string_view text)
{
    const Failure wrong{
        Fault::usage,
        "a node is given as http://HOST:PORT or https://HOST, not as '" + std::string{text} + "'"};
    constexpr std::string_view plain = "http://", secure = "https://";
    NodeUrl url;
    url.tls = text.starts_with(secure);
    if (!url.tls && !text.starts_with(plain)) return wrong;
    if (text.size() > 512 || !plain_text(text)) return wrong;
    text.remove_prefix((url.tls ? secure : plain).size());
    const auto slash = text.find('/');
    if (slash != std::string_view::npos) {
        url.base = text.substr(slash);
        while (url.base.ends_with('/')) url.base.pop_back();
        text = text.substr(0, slash);
    }
    if (text.find_first_of("@?#") != std::string_view::npos) return wrong;
    const auto bracket = text.find(']');
    const auto colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
    url.port = colon == std::string_view::npos ? (url.tls ? "443" : "80")
                                               : std::string{text.substr(colon + 1)};
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
    auto endpoints = resolve(io, url_, bounds_);
    if (!endpoints) return endpoints.error();
    // Looked at here, where the name is an address for good: a second look-up could say another.
    if (bounds_.public_alone) {
        std::erase_if(*endpoints, [](const auto& one) { return !is_public(one); });
        if (endpoints->empty())
            return Failure{Fault::unreachable, url_.origin() + " has no public address"};
    }

    beast::tcp_stream stream{io};
    error_code error;
    stream.expires_after(bounds_.connect);
    stream.async_connect(*endpoints,
                         [&](error_code result, const tcp::endpoint&) { error = result; });
    finish(io);
    if (error) return nobody(url_, error.message());
    stream.socket().set_option(tcp::no_delay{true}, error);

    if (url_.tls) return exchange_over_tls(io, std::move(stream), url_, bounds_, trust_, request);
    return exchange(io, stream, url_, bounds_, request);
} catch (const std::exception& problem) {
    return Failure{Fault::failed, std::string{"HTTP: "} + problem.what()};
}

}  // namespace web
