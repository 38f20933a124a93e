#include "tests/functional/load/faults.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string_view>
#include <thread>

namespace load {
namespace {

/// A blocking connection of a few seconds' patience that nobody minds losing.
class Wire {
public:
    explicit Wire(const wallet::NodeUrl& url)
    {
        addrinfo wanted{}, *found = nullptr;
        wanted.ai_socktype = SOCK_STREAM;
        if (::getaddrinfo(url.host.c_str(), url.port.c_str(), &wanted, &found) != 0) return;
        file_ = ::socket(found->ai_family, found->ai_socktype, found->ai_protocol);
        const timeval patience{20, 0};
        ::setsockopt(file_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(file_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        if (::connect(file_, found->ai_addr, found->ai_addrlen) != 0) {
            ::close(file_);
            file_ = -1;
        }
        ::freeaddrinfo(found);
    }
    ~Wire()
    {
        if (file_ >= 0) ::close(file_);
    }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    void send(std::string_view bytes)
    {
        while (file_ >= 0 && !bytes.empty()) {
            const auto sent = ::send(file_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    /// False at the end, or when nothing came for long.
    bool read(std::size_t most)
    {
        std::string bytes(most, '\0');
        return file_ >= 0 && ::recv(file_, bytes.data(), bytes.size(), 0) > 0;
    }
    void read_to_the_end()
    {
        while (read(65'536)) {
        }
    }
    /// The other side learns of the end by a reset.
    void reset_at_end()
    {
        const linger now{1, 0};
        ::setsockopt(file_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }

private:
    int file_ = -1;
};

std::string head_of(const wallet::NodeUrl& url, const wallet::HttpRequest& request,
                    std::size_t body_bytes)
{
    std::string head =
        request.method + " " + url.base + request.target + " HTTP/1.1\r\nHost: " + url.authority() +
        "\r\nContent-Type: " + request.content_type +
        "\r\nContent-Length: " + std::to_string(body_bytes) + "\r\nConnection: close\r\n";
    for (const auto& [name, value] : request.headers) head += name + ": " + value + "\r\n";
    return head + "\r\n";
}

}  // namespace

void Faults::pause(std::uint64_t most_ms)
{
    std::this_thread::sleep_for(std::chrono::milliseconds{below(most_ms + 1)});
}

void Faults::before(const wallet::HttpRequest& request)
{
    if (below(100) >= rate_) return;
    ++count_;
    send(static_cast<Kind>(below(kinds)), request);
}

void Faults::send(Kind kind, const wallet::HttpRequest& request)
{
    std::string body{request.body.begin(), request.body.end()};
    // The same call with a deadline that nobody can keep: it fails, and costs nothing.
    if (kind == Kind::late) body = R"({"parameters":{"timeout":1},)" + body.substr(1);
    const auto head = head_of(url_, request, body.size());
    Wire wire{url_};
    switch (kind) {
        case Kind::lost:
        case Kind::reset:
            wire.send(head + body);
            pause(30);
            if (kind == Kind::reset) wire.reset_at_end();
            return;
        case Kind::half:
            wire.send(head + body.substr(0, below(body.size())));
            pause(5);
            return;
        case Kind::slow:
            for (std::size_t from = 0, step = body.size() / 4 + 1; from < body.size();
                 from += step) {
                wire.send((from == 0 ? head : std::string{}) + body.substr(from, step));
                pause(20);
            }
            wire.read_to_the_end();
            return;
        case Kind::twice: {
            Wire other{url_};
            wire.send(head + body);
            other.send(head + body);
            wire.read_to_the_end();
            other.read_to_the_end();
            return;
        }
        case Kind::late:
            wire.send(head + body);
            wire.read_to_the_end();
            return;
        case Kind::read_slowly:
            wire.send(head + body);
            while (wire.read(200)) pause(2);
            return;
    }
}

}  // namespace load
