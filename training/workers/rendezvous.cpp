#include "training/workers/rendezvous.hpp"

#include "training/workers/greetings.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <algorithm>
#include <charconv>
#include <cstring>
#include <thread>
#include <utility>

namespace training {
namespace {

using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;
using Clock = std::chrono::steady_clock;

/// How soon it is seen that waiting is over.
constexpr std::chrono::milliseconds slice{200};

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

std::optional<SocketAddress> unix_address(const std::string& path)
{
    SocketAddress made;
    sockaddr_un address{};
    if (path.size() >= sizeof address.sun_path) return {};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    std::memcpy(&made.storage, &address, sizeof address);
    made.size = sizeof address;
    return made;
}

std::optional<SocketAddress> network_address(const std::string& host, std::uint16_t port)
{
    SocketAddress made;
    sockaddr_in four{};
    sockaddr_in6 six{};
    if (inet_pton(AF_INET, host.c_str(), &four.sin_addr) == 1) {
        four.sin_family = AF_INET;
        four.sin_port = htons(port);
        std::memcpy(&made.storage, &four, sizeof four);
        made.size = sizeof four;
        return made;
    }
    if (inet_pton(AF_INET6, host.c_str(), &six.sin6_addr) != 1) return {};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    std::memcpy(&made.storage, &six, sizeof six);
    made.size = sizeof six;
    return made;
}

std::optional<SocketAddress> socket_address(const RendezvousAddress& address)
{
    return address.is_unix ? unix_address(address.host)
                           : network_address(address.host, address.port);
}

bool is_loopback(const SocketAddress& address)
{
    if (address.storage.ss_family == AF_INET) {
        const auto& four = reinterpret_cast<const sockaddr_in&>(address.storage);
        return ntohl(four.sin_addr.s_addr) >> 24 == 127;
    }
    const auto& six = reinterpret_cast<const sockaddr_in6&>(address.storage);
    return IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
}

Error refused(const RendezvousAddress& address, const char* what)
{
    return {ErrorKind::io, address.text + ": " + what + ": " + std::strerror(errno)};
}

int socket_for(const SocketAddress& address)
{
    const auto made =
        socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int yes = 1;
    if (made >= 0 && address.storage.ss_family != AF_UNIX) {
        // Steps are short messages, one after the other.
        setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    }
    return made;
}

/// Somebody has waited there and was ended by force: nobody hears at this socket any more.
bool is_left_behind(const SocketAddress& address, const std::string& path)
{
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
    const auto descriptor = socket_for(address);
    const bool is_refused = descriptor >= 0 &&
                            connect(descriptor, address.get(), address.size) != 0 &&
                            errno == ECONNREFUSED;
    if (descriptor >= 0) close(descriptor);
    return is_refused;
}

/// Why this greeting gets no place; empty where it does.
std::string fault_of(const Message& hello, std::uint32_t workers, const std::vector<Channel>& found)
{
    if (hello.workers != workers)
        return "this training is one of " + std::to_string(workers) + " workers";
    if (hello.place >= workers)
        return "there is no worker " + std::to_string(hello.place) + " of " +
               std::to_string(workers);
    if (hello.place == 0 || found[hello.place - 1].is_open())
        return "there is a worker " + std::to_string(hello.place) + " already";
    return {};
}

}  // namespace

Result<RendezvousAddress> RendezvousAddress::read(const std::string& text)
{
    const auto wrong = ledger::invalid("'" + text.substr(0, 100) +
                                       "' is neither ADDRESS:PORT, with an address of numbers, nor "
                                       "the path of a Unix socket");
    RendezvousAddress address;
    address.text = text;
    address.host = text;
    address.is_unix = text.find('/') != std::string::npos;
    if (address.is_unix) {
        if (!unix_address(text)) return ledger::invalid("'" + text + "' is too long for a socket");
        return address;
    }
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) return wrong;
    const auto* end = text.data() + text.size();
    const auto port = std::from_chars(text.data() + colon + 1, end, address.port);
    if (port.ec != std::errc{} || port.ptr != end || address.port == 0) return wrong;
    address.host = text.substr(0, colon);
    if (address.host.starts_with('[') && address.host.ends_with(']'))
        address.host = address.host.substr(1, address.host.size() - 2);
    const auto socket = network_address(address.host, address.port);
    if (!socket) return wrong;
    address.is_open_to_others = !is_loopback(*socket);
    return address;
}

Rendezvous::Rendezvous(Rendezvous&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)}, address_{std::move(other.address_)}
{
}

Rendezvous::~Rendezvous()
{
    if (descriptor_ < 0) return;
    close(descriptor_);
    if (address_.is_unix) unlink(address_.host.c_str());
}

Result<Rendezvous> Rendezvous::open(const RendezvousAddress& address)
{
    const auto where = socket_address(address);
    if (!where) return ledger::invalid(address.text + " is no address");
    const auto descriptor = socket_for(*where);
    if (descriptor < 0) return refused(address, "no socket");
    const auto before = umask(0177);
    auto bound = bind(descriptor, where->get(), where->size);
    if (bound != 0 && errno == EADDRINUSE && address.is_unix &&
        is_left_behind(*where, address.host) && unlink(address.host.c_str()) == 0)
        bound = bind(descriptor, where->get(), where->size);
    umask(before);
    if (bound != 0 || listen(descriptor, static_cast<int>(most_workers)) != 0) {
        const auto why = refused(address, "workers cannot meet there");
        close(descriptor);
        return why;
    }
    return Rendezvous{descriptor, address};
}

Result<std::vector<Channel>, Refusal> Rendezvous::wait_for(
    std::uint32_t workers, const Patience& patience,
    const std::function<std::optional<Refusal>()>& ends)
{
    const auto until = Clock::now() + patience.joining;
    std::vector<Channel> found(workers - 1);
    Greetings greetings{descriptor_, {most_workers, patience.grace}};
    for (;;) {
        std::string missing;
        for (std::size_t i = 0; i < found.size(); ++i) {
            // Whoever ends before all are here may be started again.
            if (found[i].is_hung_up()) found[i].close();
            if (!found[i].is_open()) missing += " " + std::to_string(i + 1);
        }
        if (missing.empty()) return found;
        auto refusal = ends();
        if (!refusal && Clock::now() >= until)
            refusal = {deserted_status, address_.text + ": these workers did not come:" + missing};
        if (refusal) {
            for (auto& each : found)
                if (each.is_open()) send_away(each, *refusal, Clock::now() + patience.grace);
            return *refusal;
        }
        for (auto& [channel, hello] : greetings.next(slice)) {
            const auto soon = Clock::now() + patience.grace;
            if (const auto fault = fault_of(hello, workers, found); !fault.empty())
                send_away(channel, {refused_status, fault}, soon);
            else if (send(channel, hello, std::string_view{}, soon))
                found[hello.place - 1] = std::move(channel);
        }
    }
}

void Rendezvous::send_others_away(const Refusal& refusal, const Patience& patience,
                                  const std::function<bool()>& goes_on)
{
    Greetings greetings{descriptor_, {most_workers, patience.grace}};
    while (goes_on())
        for (auto& [channel, hello] : greetings.next(slice))
            send_away(channel, refusal, Clock::now() + patience.grace);
}

Result<Channel> meet(const RendezvousAddress& address, const Patience& patience)
{
    const auto where = socket_address(address);
    if (!where) return ledger::invalid(address.text + " is no address");
    const auto until = Clock::now() + patience.joining;
    for (;;) {
        const auto descriptor = socket_for(*where);
        if (descriptor < 0) return refused(address, "no socket");
        if (connect(descriptor, where->get(), where->size) == 0) return Channel{descriptor};
        if (errno == EINPROGRESS) {
            pollfd asked{descriptor, POLLOUT, 0};
            int problem = ETIMEDOUT;
            socklen_t size = sizeof problem;
            if (poll(&asked, 1, 5000) > 0 &&
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size) == 0 && problem == 0)
                return Channel{descriptor};
            errno = problem;
        }
        const Error why{ErrorKind::unavailable, refused(address, "worker 0 is not there").detail};
        close(descriptor);
        if (Clock::now() >= until) return why;
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
}

}  // namespace training
