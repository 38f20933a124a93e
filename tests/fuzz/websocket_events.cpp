// What a stranger sends after the upgrade of /v1/events, through the node's own connection and hub.
// The first byte says how the rest is cut into pieces, and whether it waits for the answer to the
// handshake. Whatever it is, the answers are whole frames that RFC 6455 allows a server, the
// connection ends with the caller, and the pieces change nothing.
#include "ledger/base/bytes.hpp"
#include "ledger/base/ensure.hpp"
#include "node/http/connection.hpp"
#include "node/http/event_hub.hpp"
#include "tests/support/manual_clock.hpp"

#include <boost/asio/co_spawn.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace {

using ledger::ensure;
using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr std::string_view handshake =
    "GET /v1/events HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const std::string event = R"({"type":"block","height":1})";

struct Events : node::Handler {
    node::EventHub hub{{"block"}};
    asio::awaitable<void> handle(node::Exchange& exchange) override { return hub.serve(exchange); }
};

node::HttpLimits limits()
{
    node::HttpLimits made;
    made.websocket_message_bytes = 512;  // within reach of an input
    return made;
}

/// One caller on one connection; everything runs in this thread, when it is told to.
class Caller {
public:
    Caller()
    {
        std::array<int, 2> ends{};
        ensure(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0, "a pair");
        ours_ = ends[0];
        asio::ip::tcp::socket theirs{shard_.io()};
        theirs.assign(asio::ip::tcp::v4(), ends[1]);
        auto connection = std::make_shared<node::Connection>(
            std::move(theirs), asio::ip::tcp::endpoint{}, shard_, share_);
        asio::co_spawn(shard_.io(), node::Connection::run(connection),
                       [connection](std::exception_ptr failed) { ensure(!failed, "no way out"); });
    }
    ~Caller() { ::close(ours_); }
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;

    void send(std::string_view bytes)
    {
        // The other side may have hung up: then the rest is lost, as on any network.
        while (!bytes.empty()) {
            const auto sent = ::send(ours_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) break;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        work();
    }
    void publish()
    {
        events_.hub.publish({"block", {}, event});
        work();
    }

    /// Ends our side, and gives all that came.
    std::string finish()
    {
        ::shutdown(ours_, SHUT_WR);
        shard_.io().restart();
        shard_.io().run_for(5s);
        ensure(shard_.io().stopped(), "a connection ends with its caller");
        ensure(events_.hub.subscribers() == 0, "who is gone is not told anything");
        std::string all;
        std::array<char, 4096> piece{};
        for (;;) {
            const auto size = ::recv(ours_, piece.data(), piece.size(), MSG_DONTWAIT);
            if (size <= 0) return all;
            all.append(piece.data(), static_cast<std::size_t>(size));
        }
    }

private:
    /// All that can be done before anything else arrives.
    void work()
    {
        shard_.io().restart();
        shard_.io().poll();
    }

    node::ManualClock clock_;
    Events events_;
    node::ServerShare share_{events_, limits(), {}};
    node::Shard shard_{clock_, share_.limits};
    int ours_ = -1;
};

struct Answers {
    std::size_t events = 0;
    std::string control;  ///< pongs and the close, whole frames
    bool operator==(const Answers&) const = default;
};

/// Reads what a server may send to a caller that is not masked: no fragments here, no extensions.
Answers read(std::string_view bytes)
{
    const auto head = bytes.find("\r\n\r\n");
    ensure(bytes.starts_with("HTTP/1.1 101 ") && head != bytes.npos, "a good upgrade is taken");
    bytes.remove_prefix(head + 4);
    Answers answers;
    for (bool closed = false; !bytes.empty();) {
        ensure(!closed, "nothing follows a close");
        ensure(bytes.size() >= 2, "frames are whole");
        const auto first = static_cast<std::uint8_t>(bytes[0]);
        const auto size = static_cast<std::uint8_t>(bytes[1]);
        ensure(size <= 125 && bytes.size() >= 2u + size, "frames are whole, short and not masked");
        const auto frame = bytes.substr(0, 2u + size);
        bytes.remove_prefix(frame.size());
        if (first == 0x81) {
            ensure(frame.substr(2) == event, "only events are told");
            ++answers.events;
            continue;
        }
        ensure(first == 0x8a || first == 0x88, "else only pongs and a close");
        closed = first == 0x88;
        ensure(!closed || size != 1, "a close has a whole code or none");
        answers.control += frame;
    }
    return answers;
}

/// In pieces of so many bytes; the first one comes with the handshake, where the caller does not
/// wait for its answer.
Answers converse(std::string_view sent, std::size_t piece, bool waits)
{
    Caller caller;
    std::string first{handshake};
    if (!waits) first += sent.substr(0, piece);
    sent.remove_prefix(first.size() - handshake.size());
    caller.send(first);
    caller.publish();
    while (!sent.empty()) {
        const auto now = sent.substr(0, piece);
        caller.send(now);
        sent.remove_prefix(now.size());
    }
    caller.publish();
    return read(caller.finish());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    // What comes too early has to fit into one read of the handshake.
    if (size == 0 || size > 1'024) return 0;
    const auto text = ledger::as_text({data + 1, size - 1});
    const auto at_once = converse(text, size, true);
    ensure(at_once.events >= 1, "what was told before the caller spoke arrives");
    const std::size_t piece = data[0] % 128 == 0 ? size : data[0] % 128;
    ensure(converse(text, piece, data[0] < 128).control == at_once.control,
           "the same answers however the bytes come");
    return 0;
}
