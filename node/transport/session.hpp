#pragma once

#include "node/transport/network_limits.hpp"
#include "node/transport/peer_handler.hpp"
#include "node/transport/tls_context.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <memory>

namespace node {

namespace asio = boost::asio;
class Session;

/// IPv4 where it is one.
asio::ip::tcp::endpoint endpoint_of(const NetAddress& address);

/// What a session asks of the network it belongs to. One thread.
class SessionHost {
public:
    virtual ~SessionHost() = default;
    virtual Hello our_hello(const Session& session) const = 0;
    /// The peer is known and speaks our protocol. A reason: not with us.
    virtual std::optional<DropReason> admit(Session& session) = 0;
    virtual void ready(Session& session) = 0;
    virtual void received(Session& session, InboundFrame frame) = 0;
    virtual void measured(Session& session, std::chrono::milliseconds round_trip) = 0;
    virtual void ended(Session& session) = 0;
};

/// What all sessions of a network share.
struct SessionShare {
    SessionHost& host;
    const NetworkLimits& limits;
    const Clock& clock;
    ledger::PublicKey own_key;
    std::shared_ptr<InboundBudget> inbound;
};

/// One connection, from TCP to its end: TLS, Hello, frames in and out, deadlines by the
/// network's tick. All of it runs on the network's thread; lives as long as its coroutines.
class Session : public std::enable_shared_from_this<Session> {
public:
    using Socket = asio::ip::tcp::socket;

    /// `dialled` for an outbound connection: then `socket` is not connected yet.
    Session(std::uint64_t id, Socket socket, const std::shared_ptr<TlsContext>& tls,
            NetAddress address, std::optional<DialOrder> dialled, SessionShare share);

    static asio::awaitable<void> run(std::shared_ptr<Session> self);

    /// Ends it with a goodbye where one can be said; the first reason counts.
    void close(DropReason reason);
    /// Ends it at once.
    void cut(DropReason reason);
    /// Looks at the deadlines.
    void tick(Clock::Steady now);
    void push(WriteClass to, SharedFrame frame);
    /// Memory came free.
    void wake() { room_.cancel(); }

    std::uint64_t id() const { return id_; }
    /// Proved by TLS; valid from `SessionHost::admit` on.
    const ledger::PublicKey& key() const { return *judgement_.peer; }
    const std::optional<DialOrder>& dialled() const { return dialled_; }
    const NetAddress& address() const { return address_; }
    const Hello& hello() const { return hello_; }
    bool is_ready() const { return ready_; }
    DropReason reason() const { return reason_.value_or(DropReason::closed_by_peer); }
    ConnectionEnd end() const;
    PeerInfo info() const;

    /// Whoever admits it says what for.
    ConnectionUse use = ConnectionUse::inbound;
    bool admitted = false;  ///< counted as connected
    bool pending = false;   ///< counted by the handshake gate
    bool asked_for_addresses = false;
    bool gave_addresses = false;

private:
    asio::awaitable<DropReason> serve();
    asio::awaitable<std::optional<DropReason>> greet();
    asio::awaitable<std::optional<DropReason>> read_frame(std::optional<Frame>& frame);
    asio::awaitable<std::optional<DropReason>> fill();
    asio::awaitable<std::optional<DropReason>> reserve(std::size_t bytes);
    asio::awaitable<DropReason> read_all();
    asio::awaitable<void> write_all(std::shared_ptr<Session> self);
    asio::awaitable<bool> write(const ledger::Bytes& bytes);
    asio::awaitable<void> say_goodbye();
    std::optional<DropReason> judge(const Frame& frame);
    std::optional<DropReason> handle(Frame frame);
    std::optional<DropReason> handle_control(const Frame& frame);
    std::chrono::milliseconds time_for(std::size_t bytes) const;

    std::uint64_t id_;
    std::shared_ptr<TlsContext> tls_;
    TlsJudgement judgement_;
    asio::ssl::stream<Socket> stream_;
    NetAddress address_;
    std::optional<DialOrder> dialled_;
    SessionShare share_;
    Clock::Steady began_;
    std::optional<DropReason> reason_;
    std::string detail_;
    Hello hello_;
    bool secured_ = false;  ///< the TLS handshake is over
    bool ready_ = false;
    bool cut_ = false;

    // In
    std::array<std::uint8_t, 16 * 1024> input_;
    ledger::ByteView unread_;  ///< of input_
    FrameSplitter splitter_;
    Clock::Steady frame_began_{};
    std::shared_ptr<InboundBudget> own_budget_;
    InboundBudget::Lease shared_lease_, own_lease_;
    asio::steady_timer room_;
    bool paused_ = false;  ///< we do not read: no memory, or nobody lets go of its frames
    PeerBudget rates_;
    Clock::Steady heard_;

    // Out
    WriteQueues queues_;
    asio::steady_timer to_write_;
    bool writing_ = false;

    // Deadlines, and what passing them means
    Clock::Steady read_by_ = Clock::Steady::max();
    DropReason read_late_ = DropReason::handshake_timeout;
    Clock::Steady write_by_ = Clock::Steady::max();
    std::optional<std::uint64_t> ping_;  ///< asked, not answered yet
    Clock::Steady pinged_{};
    std::uint64_t pings_ = 0;
    std::optional<std::chrono::milliseconds> round_trip_;

    std::uint64_t bytes_in_ = 0, bytes_out_ = 0, frames_in_ = 0, frames_out_ = 0, dropped_in_ = 0;
};

}  // namespace node
