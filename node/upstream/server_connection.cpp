#include "node/upstream/server_connection.hpp"

#include "node/peers/net_address.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <sys/socket.h>
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace node {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using inference::BodySink;
using inference::RunControl;
using inference::UpstreamError;
using inference::UpstreamFault;
using inference::UpstreamReply;
using inference::UpstreamRequest;
using tcp = asio::ip::tcp;
using Clock = std::chrono::steady_clock;

/// Runs the operations of one call, each to its end, to the deadline or to a stop.
class Steps {
public:
    Steps(asio::io_context& io, const RunControl& control, Clock::time_point deadline)
        : io_{io}, control_{control}, deadline_{deadline}, on_stop_{control.stop, Stop{io}}
    {
    }

    /// `done` is set by what was started; empty when it is.
    std::optional<UpstreamError> finish(const bool& done)
    {
        io_.restart();
        // A stop before the restart is seen here, one after it ends the run.
        if (!control_.stop.stop_requested()) io_.run_until(deadline_);
        if (done) return {};
        if (control_.stop.stop_requested())
            return UpstreamError{UpstreamFault::cancelled, "the call was stopped"};
        return UpstreamError{UpstreamFault::deadline, "the time was over"};
    }

private:
    struct Stop {
        asio::io_context& io;
        void operator()() const { io.stop(); }
    };
    asio::io_context& io_;
    const RunControl& control_;
    Clock::time_point deadline_;
    std::stop_callback<Stop> on_stop_;
};

Clock::time_point earlier(const RunControl& control, Clock::time_point latest)
{
    return control.deadline ? std::min(*control.deadline, latest) : latest;
}

UpstreamError fault_of(const error_code& error)
{
    if (error == http::error::body_limit || error == http::error::header_limit ||
        error == http::error::buffer_overflow)
        return {UpstreamFault::too_large, error.message()};
    const bool of_http =
        error.category() == http::make_error_code(http::error::bad_version).category();
    if (of_http && error != http::error::end_of_stream && error != http::error::partial_message)
        return {UpstreamFault::malformed, error.message()};
    return {UpstreamFault::broken, error.message()};
}

template <class Stream>
class StreamConnection final : public ServerConnection {
public:
    StreamConnection(std::unique_ptr<asio::io_context> io, Stream stream, const ServerUrl& url,
                     const ConnectionLimits& limits)
        : io_{std::move(io)}, stream_{std::move(stream)}, url_{url}, limits_{limits}
    {
    }

    ledger::Result<UpstreamReply, UpstreamError> exchange(const UpstreamRequest& request,
                                                          const ExtraHeader& extra,
                                                          const RunControl& control,
                                                          const BodySink* sink, bool& sent) override
    {
        reusable_ = false;
        Steps steps{*io_, control, control.deadline.value_or(Clock::now() + limits_.exchange)};
        if (auto fault = send(request, extra, steps, sent)) return std::move(*fault);
        return receive(steps, sink);
    }

    bool reusable() const override { return reusable_; }

    bool quiet() override
    {
        char byte = 0;
        return ::recv(beast::get_lowest_layer(stream_).native_handle(), &byte, 1,
                      MSG_PEEK | MSG_DONTWAIT) < 0 &&
               (errno == EAGAIN || errno == EWOULDBLOCK);
    }

private:
    std::optional<UpstreamError> send(const UpstreamRequest& request, const ExtraHeader& extra,
                                      Steps& steps, bool& sent)
    {
        http::request<http::vector_body<std::uint8_t>> message{http::string_to_verb(request.method),
                                                               url_.base + request.target, 11};
        message.set(http::field::host, url_.authority());
        message.set(http::field::user_agent, "millrace");
        for (const auto& [name, value] : request.headers) message.set(name, value);
        if (!extra.value.empty()) message.set(extra.name, extra.value);
        message.body() = request.body;
        message.prepare_payload();

        bool done = false;
        error_code error;
        http::async_write(stream_, message, [&](error_code result, std::size_t bytes) {
            error = result;
            sent = bytes != 0;
            done = true;
        });
        // Until the operation says otherwise, bytes may have left.
        sent = true;
        if (auto fault = steps.finish(done)) return fault;
        // A server may answer before it has read everything, and then stop reading: look for it.
        if (error && !sent) return UpstreamError{UpstreamFault::broken, error.message()};
        return {};
    }

    ledger::Result<UpstreamReply, UpstreamError> receive(Steps& steps, const BodySink* sink)
    {
        http::response_parser<http::buffer_body> parser;
        parser.header_limit(static_cast<std::uint32_t>(limits_.head_bytes));
        parser.body_limit(limits_.body_bytes);
        bool done = false;
        error_code error;
        const auto then = [&](error_code result, std::size_t) {
            error = result;
            done = true;
        };
        http::async_read_header(stream_, buffer_, parser, then);
        if (auto fault = steps.finish(done)) return std::move(*fault);
        if (error) return fault_of(error);

        UpstreamReply reply;
        reply.status = parser.get().result_int();
        for (const auto& field : parser.get())
            reply.headers.emplace_back(field.name_string(), field.value());
        if (reply.status != 200) sink = nullptr;
        while (!parser.is_done()) {
            parser.get().body().data = piece_.data();
            parser.get().body().size = piece_.size();
            parser.get().body().more = true;
            done = false;
            http::async_read_some(stream_, buffer_, parser, then);
            if (auto fault = steps.finish(done)) return std::move(*fault);
            if (error && error != http::error::need_buffer) return fault_of(error);
            const ledger::ByteView piece{piece_.data(), piece_.size() - parser.get().body().size};
            if (!sink)
                ledger::append(reply.body, piece);
            else if (!piece.empty() && !(*sink)(piece))
                return reply;
        }
        reusable_ = parser.keep_alive() && buffer_.size() == 0;
        return reply;
    }

    std::unique_ptr<asio::io_context> io_;  // before what runs on it
    Stream stream_;
    const ServerUrl& url_;
    const ConnectionLimits& limits_;
    beast::flat_buffer buffer_{limits_.head_bytes + 64 * 1024};
    std::array<std::uint8_t, 16 * 1024> piece_;
    bool reusable_ = false;
};

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

UpstreamError unreachable(const error_code& error)
{
    return {UpstreamFault::unreachable, error.message()};
}

ServerConnection::Opened greet(std::unique_ptr<asio::io_context> io, tcp::socket socket,
                               const ServerUrl& url, asio::ssl::context& tls,
                               const ConnectionLimits& limits, Steps& steps)
{
    using Secure = asio::ssl::stream<tcp::socket>;
    Secure secure{std::move(socket), tls};
    if (!expect_host(secure.native_handle(), url.host))
        return UpstreamError{UpstreamFault::untrusted, "the host cannot be in a certificate"};
    bool done = false;
    error_code error;
    secure.async_handshake(asio::ssl::stream_base::client, [&](error_code result) {
        error = result;
        done = true;
    });
    if (auto fault = steps.finish(done)) return std::move(*fault);
    const auto verdict = SSL_get_verify_result(secure.native_handle());
    if (error && verdict != X509_V_OK)
        return UpstreamError{UpstreamFault::untrusted, X509_verify_cert_error_string(verdict)};
    if (error) return unreachable(error);
    return std::make_unique<StreamConnection<Secure>>(std::move(io), std::move(secure), url,
                                                      limits);
}

bool is_public(const tcp::endpoint& endpoint)
{
    const auto& address = endpoint.address();
    const auto v6 = address.is_v4()
                        ? asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4())
                        : address.to_v6();
    return node::is_public(IpBytes{v6.to_bytes()});
}

ServerConnection::Opened connect(const ServerUrl& url, asio::ssl::context& tls,
                                 const ConnectionLimits& limits, const RunControl& control)
{
    auto io = std::make_unique<asio::io_context>(1);
    const auto patience = [&] { return earlier(control, Clock::now() + limits.connect); };
    bool done = false;
    error_code error;
    std::vector<tcp::endpoint> found;
    tcp::resolver resolver{*io};
    resolver.async_resolve(url.host, url.port, [&](error_code result, const auto& all) {
        error = result;
        found.assign(all.begin(), all.end());
        done = true;
    });
    if (auto fault = Steps{*io, control, patience()}.finish(done)) return std::move(*fault);
    if (error) return unreachable(error);
    // Looked at here, where the name is an address for good: a second look-up could say another.
    if (limits.public_alone) std::erase_if(found, [](const auto& one) { return !is_public(one); });
    if (found.empty())
        return UpstreamError{UpstreamFault::unreachable, "the address is not a public one"};

    tcp::socket socket{*io};
    done = false;
    asio::async_connect(socket, found, [&](error_code result, const tcp::endpoint&) {
        error = result;
        done = true;
    });
    if (auto fault = Steps{*io, control, patience()}.finish(done)) return std::move(*fault);
    if (error) return unreachable(error);
    socket.set_option(tcp::no_delay{true}, error);
    if (!url.tls)
        return std::make_unique<StreamConnection<tcp::socket>>(std::move(io), std::move(socket),
                                                               url, limits);
    Steps steps{*io, control, patience()};
    return greet(std::move(io), std::move(socket), url, tls, limits, steps);
}

}  // namespace

ServerConnection::Opened ServerConnection::open(const ServerUrl& url, asio::ssl::context& tls,
                                                const ConnectionLimits& limits,
                                                const RunControl& control)
{
    auto opened = connect(url, tls, limits, control);
    // Nobody answering in the time for that is nobody there, unless the caller had less time.
    if (!opened && opened.error().fault == UpstreamFault::deadline &&
        (!control.deadline || Clock::now() < *control.deadline))
        return UpstreamError{UpstreamFault::unreachable, opened.error().detail};
    return opened;
}

}  // namespace node
