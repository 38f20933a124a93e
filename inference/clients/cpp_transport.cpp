#include "inference/clients/runtimes.hpp"

namespace inference {

std::string_view cpp_transport()
{
    return R"text(
#ifndef MILLRACE_NO_SOCKETS
namespace detail {

class Socket {
public:
    Socket(const std::string& host, const std::string& port, int seconds)
    {
        addrinfo hints{};
        hints.ai_socktype = SOCK_STREAM;
        addrinfo* all = nullptr;
        if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &all) != 0)
            throw Error("nobody knows the host " + host);
        for (const addrinfo* one = all; one != nullptr && descriptor_ < 0; one = one->ai_next) {
            descriptor_ = ::socket(one->ai_family, one->ai_socktype, one->ai_protocol);
            if (descriptor_ < 0) continue;
            timeval time{};
            time.tv_sec = seconds;
            ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
            ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
            if (::connect(descriptor_, one->ai_addr, one->ai_addrlen) == 0) break;
            ::close(descriptor_);
            descriptor_ = -1;
        }
        ::freeaddrinfo(all);
        if (descriptor_ < 0) throw Error("nobody listens at " + host + ":" + port);
    }
    ~Socket() { ::close(descriptor_); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    // A node may answer before it has read everything: what it says tells more than our failure.
    void send(const std::string& text)
    {
#ifdef MSG_NOSIGNAL
        const int flags = MSG_NOSIGNAL;
#else
        const int flags = 0;
#endif
        for (std::size_t at = 0; at < text.size();) {
            const ssize_t sent = ::send(descriptor_, text.data() + at, text.size() - at, flags);
            if (sent <= 0) return;
            at += static_cast<std::size_t>(sent);
        }
    }

    // False at the end.
    bool receive(std::string& to, std::size_t most)
    {
        char piece[16384];
        const ssize_t got = ::recv(descriptor_, piece, sizeof piece, 0);
        if (got < 0) throw Error("the connection broke, or the node is too slow");
        if (static_cast<std::size_t>(got) > most - to.size()) throw Error("the answer is too long");
        to.append(piece, static_cast<std::size_t>(got));
        return got > 0;
    }

private:
    int descriptor_ = -1;
};

inline Reply read_head(const std::string& head)
{
    Reply reply;
    std::size_t at = std::min(head.find("\r\n"), head.size());
    if (head.compare(0, 7, "HTTP/1.") != 0 || at < 12) throw Error("the answer is not HTTP");
    reply.status = static_cast<int>(length(head.substr(9, 3), 999, "the answer is not HTTP"));
    while (at + 2 < head.size()) {
        const std::size_t end = std::min(head.find("\r\n", at + 2), head.size());
        const std::string line = head.substr(at + 2, end - at - 2);
        const std::size_t colon = std::min(line.find(':'), line.size());
        std::string name = line.substr(0, colon);
        for (char& c : name)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        const std::size_t from = line.find_first_not_of(" \t", std::min(colon + 1, line.size()));
        reply.headers.emplace_back(std::move(name),
                                   from == std::string::npos ? std::string() : line.substr(from));
        at = end;
    }
    return reply;
}

}  // namespace detail

// One connection for each call, over plain HTTP. `seconds` is for each step of connecting, sending
// and receiving; an answer longer than `most` bytes is refused.
inline Transport posix_transport(std::string host, std::string port, int seconds = 60,
                                 std::size_t most = std::size_t(128) << 20)
{
    return [=](const Request& request) {
        for (const auto& field : request.headers)
            if ((field.first + field.second).find_first_of("\r\n") != std::string::npos)
                throw Error("a header has a line break");
        const bool six = host.find(':') != std::string::npos;
        std::string text = request.method + " " + request.target + " HTTP/1.0\r\nHost: " +
                           (six ? "[" + host + "]" : host) + ":" + port + "\r\nConnection: close\r\n";
        for (const auto& field : request.headers) text += field.first + ": " + field.second + "\r\n";
        text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n\r\n";
        detail::Socket socket(host, port, seconds);
        socket.send(text + request.body);

        std::string got;
        std::size_t head = std::string::npos;
        while (head == std::string::npos) {
            if (!socket.receive(got, most)) throw Error("the node hung up");
            head = got.find("\r\n\r\n");
        }
        Reply reply = detail::read_head(got.substr(0, head));
        reply.body = got.substr(head + 4);
        const std::string digits = reply.header("content-length");
        if (digits.empty()) {
            while (socket.receive(reply.body, most)) {
            }
            return reply;
        }
        const std::size_t size = detail::length(digits, most, "the answer is too long");
        while (reply.body.size() < size)
            if (!socket.receive(reply.body, most)) throw Error("the node hung up");
        reply.body.resize(size);
        return reply;
    };
}
#endif
)text";
}

}  // namespace inference
