#include "node/app/http_get.hpp"

#include "ledger/codec/json.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

namespace node {
namespace {

using namespace ledger;
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::uint64_t body_bytes = 4 << 20;

/// One exchange on a loop of its own, given up as a whole when the time is over.
class Exchange {
public:
    Exchange(const std::string& host, const std::string& port, const std::string& path)
    {
        request_.method(http::verb::get);
        request_.target(path);
        request_.version(11);
        request_.set(http::field::host, host + ":" + port);
        request_.set(http::field::connection, "close");
        parser_.body_limit(body_bytes);
        resolver_.async_resolve(host, port, [this](auto error, auto endpoints) {
            if (failed(error)) return;
            stream_.async_connect(endpoints, [this](auto connected, const auto&) {
                if (failed(connected)) return;
                http::async_write(stream_, request_, [this](auto written, auto) {
                    if (failed(written)) return;
                    http::async_read(stream_, buffer_, parser_, [this](auto read, auto) {
                        if (!failed(read)) done_ = true;
                    });
                });
            });
        });
    }

    Result<http::response<http::string_body>> run(std::chrono::milliseconds time)
    {
        io_.run_for(time);
        if (done_) return parser_.release();
        return Error{ErrorKind::unavailable,
                     problem_ ? problem_.message() : std::string{"no answer in time"}};
    }

private:
    bool failed(const boost::system::error_code& error)
    {
        problem_ = error;
        return error.failed();
    }

    asio::io_context io_{1};
    asio::ip::tcp::resolver resolver_{io_};
    beast::tcp_stream stream_{io_};
    beast::flat_buffer buffer_;
    http::request<http::empty_body> request_;
    http::response_parser<http::string_body> parser_;
    boost::system::error_code problem_;
    bool done_ = false;
};

}  // namespace

Result<nlohmann::json> get_json(const std::string& url, const std::string& path,
                                std::chrono::milliseconds time)
{
    constexpr std::string_view scheme = "http://";
    if (!url.starts_with(scheme) || url.find('/', scheme.size()) != std::string::npos)
        return Error{ErrorKind::invalid, url + " is not http://HOST:PORT"};
    auto host = url.substr(scheme.size());
    std::string port = "80";
    if (const auto colon = host.rfind(':'); colon != std::string::npos && !host.ends_with(']')) {
        port = host.substr(colon + 1);
        host.resize(colon);
    }
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.empty()) return Error{ErrorKind::invalid, url + " is not http://HOST:PORT"};
    Exchange exchange{host, port, path};
    const auto answer = exchange.run(time);
    if (!answer)
        return Error{answer.error().kind,
                     "no node answers at " + url + ": " + answer.error().detail};
    if (answer->result() == http::status::not_found)
        return Error{ErrorKind::not_found, url + " does not know " + path};
    if (answer->result() != http::status::ok)
        return Error{ErrorKind::io,
                     url + path + " answers " + std::to_string(answer->result_int())};
    return codec::parse_json(answer->body(), {body_bytes, 16});
}

}  // namespace node
