#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace node {

/// What came back, as bytes.
struct RawAnswer {
    unsigned status = 0;  ///< 0: the connection ended before a whole answer
    std::string head;     ///< status line and fields
    std::string body;     ///< chunks joined
    bool complete = false;

    /// A field's value, whatever the case of its name.
    std::optional<std::string> header(std::string_view name) const;
};

/// A caller that sends exactly the bytes it is told to, and blocks. Every read gives up after
/// ten seconds, so that a failing test ends.
class HttpClient {
public:
    explicit HttpClient(boost::asio::ip::tcp::endpoint server, int receive_buffer = 0);

    /// False when the server has closed.
    bool send(std::string_view bytes);
    /// Reads one answer. `to_head`: the answer has no body whatever its fields say.
    RawAnswer read(bool to_head = false);
    RawAnswer ask(std::string_view bytes, bool to_head = false);
    /// Whether the server's side is closed, with no byte before that.
    bool closed();
    /// Everything until the server closes.
    std::string read_all();
    /// Ends our side only.
    void finish_sending();
    void close();

private:
    bool fill();

    boost::asio::io_context io_;
    boost::asio::ip::tcp::socket socket_{io_};
    std::string buffer_;
};

}  // namespace node
