#include "tests/support/http_client.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>

#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <charconv>

namespace node {

namespace asio = boost::asio;

std::optional<std::string> RawAnswer::header(std::string_view name) const
{
    std::string_view rest = head;
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find("\r\n"));
        rest.remove_prefix(std::min(rest.size(), line.size() + 2));
        const auto colon = line.find(": ");
        if (colon != line.npos && boost::beast::iequals(line.substr(0, colon), name)) {
            return std::string{line.substr(colon + 2)};
        }
    }
    return {};
}

HttpClient::HttpClient(asio::ip::tcp::endpoint server, int receive_buffer)
{
    socket_.open(server.protocol());
    if (receive_buffer > 0) {
        socket_.set_option(asio::socket_base::receive_buffer_size{receive_buffer});
    }
    const timeval patience{10, 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    socket_.connect(server);
}

bool HttpClient::send(std::string_view bytes)
{
    // Straight to the system: asio would wait without end.
    while (!bytes.empty()) {
        const auto count =
            ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

bool HttpClient::fill()
{
    std::array<char, 65536> bytes;
    const auto count = ::recv(socket_.native_handle(), bytes.data(), bytes.size(), 0);
    if (count <= 0) return false;
    buffer_.append(bytes.data(), static_cast<std::size_t>(count));
    return true;
}

RawAnswer HttpClient::read(bool to_head)
{
    RawAnswer answer;
    std::size_t end;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
        if (!fill()) return answer;
    }
    answer.head = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
    const bool none =
        to_head || answer.status < 200 || answer.status == 204 || answer.status == 304;
    if (none) {
        answer.complete = true;
        return answer;
    }
    if (const auto length = answer.header("Content-Length")) {
        const auto size = std::stoul(*length);
        while (buffer_.size() < size && fill()) {
        }
        answer.complete = buffer_.size() >= size;
        answer.body = buffer_.substr(0, size);
        buffer_.erase(0, answer.body.size());
        return answer;
    }
    if (answer.header("Transfer-Encoding").value_or("") != "chunked") {
        answer.body = read_all();
        answer.complete = true;
        return answer;
    }
    for (;;) {
        while ((end = buffer_.find("\r\n")) == std::string::npos) {
            if (!fill()) return answer;
        }
        const auto size = std::stoul(buffer_.substr(0, end), nullptr, 16);
        while (buffer_.size() < end + 2 + size + 2) {
            if (!fill()) return answer;
        }
        answer.body += buffer_.substr(end + 2, size);
        buffer_.erase(0, end + 2 + size + 2);
        if (size == 0) break;
    }
    answer.complete = true;
    return answer;
}

RawAnswer HttpClient::ask(std::string_view bytes, bool to_head)
{
    send(bytes);
    return read(to_head);
}

bool HttpClient::closed()
{
    if (!buffer_.empty()) return false;
    char one;
    const auto count = ::recv(socket_.native_handle(), &one, 1, 0);
    return count == 0 || (count < 0 && errno == ECONNRESET);
}

std::string HttpClient::read_all()
{
    while (fill()) {
    }
    return std::move(buffer_);
}

void HttpClient::finish_sending()
{
    boost::system::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

void HttpClient::close()
{
    boost::system::error_code ignored;
    socket_.close(ignored);
}

}  // namespace node
