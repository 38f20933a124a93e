#include "node/transport/session.hpp"

#include "node/http/as_result.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <exception>

namespace node {
namespace {

using namespace std::chrono_literals;
using ledger::Bytes;
using ledger::ByteView;
/// Small frames are written together up to this size.
constexpr std::size_t write_step = 64 * 1024;

/// A peer's word in our log: short, printable, or nothing.
std::string printable(ByteView bytes)
{
    std::string text;
    for (const auto byte : bytes)
        if (byte > 0x20 && byte < 0x7f && byte != '"') text += static_cast<char>(byte);
    return text;
}

}  // namespace

asio::ip::tcp::endpoint endpoint_of(const NetAddress& address)
{
    const auto v6 = asio::ip::make_address_v6(address.ip.bytes);
    if (v6.is_v4_mapped())
        return {asio::ip::make_address_v4(asio::ip::v4_mapped, v6), address.port};
    return {v6, address.port};
}

Session::Session(std::uint64_t id, Socket socket, const std::shared_ptr<TlsContext>& tls,
                 NetAddress address, std::optional<DialOrder> dialled, SessionShare share)
    : id_{id},
      tls_{tls},
      stream_{std::move(socket), tls->context()},
      address_{address},
      dialled_{std::move(dialled)},
      share_{std::move(share)},
      began_{share_.clock.now()},
      own_budget_{std::make_shared<InboundBudget>(share_.limits.inbound_bytes_of_peer)},
      shared_lease_{share_.inbound->open()},
      own_lease_{own_budget_->open()},
      room_{stream_.get_executor()},
      rates_{share_.limits.rates, began_},
      heard_{began_},
      queues_{share_.limits.writes},
      to_write_{stream_.get_executor()}
{
    if (dialled_) judgement_.expected = dialled_->peer;
    TlsContext::watch(stream_.native_handle(), judgement_);
}

asio::awaitable<void> Session::run(std::shared_ptr<Session> self)
{
    auto& session = *self;
    session.own_budget_->on_room(
        [weak = std::weak_ptr{self}, executor = session.room_.get_executor()] {
            asio::post(executor, [weak] {
                if (const auto waiting = weak.lock()) waiting->wake();
            });
        });
    std::optional<DropReason> reason;
    try {
        reason = co_await session.serve();
    } catch (const std::exception&) {
        // Out of memory, or the network ends: this connection, no other.
        reason = DropReason::stopped;
    }
    if (!session.reason_) session.reason_ = reason;
    try {
        co_await session.say_goodbye();
    } catch (const std::exception&) {
        // Not even that: the peer will see the connection end.
    }
    session.cut(*session.reason_);
    session.own_budget_->on_room({});
    session.shared_lease_.release();
    session.own_lease_.release();
    session.share_.host.ended(session);
}

asio::awaitable<DropReason> Session::serve()
{
    boost::system::error_code ignored;
    read_by_ = began_ + share_.limits.handshake_time;
    if (dialled_) {
        const auto [refused] =
            co_await stream_.lowest_layer().async_connect(endpoint_of(address_), as_result);
        if (refused) co_return DropReason::connect_failed;
    }
    stream_.lowest_layer().set_option(asio::ip::tcp::no_delay{true}, ignored);
    const auto side = dialled_ ? asio::ssl::stream_base::client : asio::ssl::stream_base::server;
    const auto [failed] = co_await stream_.async_handshake(side, as_result);
    if (failed) co_return TlsContext::why(failed, judgement_);
    if (!judgement_.peer) co_return reason_of(CertificateFault::missing);
    if (!TlsContext::speaks_our_protocol(stream_.native_handle()))
        co_return DropReason::tls_protocol;
    secured_ = true;
    if (const auto refused = co_await greet()) co_return *refused;
    co_return co_await read_all();
}

/// The dialling side speaks first. The other side's Hello says that it took us: a client must
/// not trust a TLS handshake that the server has not judged yet.
asio::awaitable<std::optional<DropReason>> Session::greet()
{
    const auto ours = encode_frame(message::hello, encode_hello(share_.host.our_hello(*this)));
    if (dialled_ && !co_await write(*ours)) co_return DropReason::closed_by_peer;
    splitter_.expect_only(message::hello);
    std::optional<Frame> frame;
    if (const auto failed = co_await read_frame(frame)) co_return failed;
    if (const auto refused = judge(*frame)) co_return refused;
    if (const auto refused = share_.host.admit(*this)) co_return refused;
    if (!dialled_ && !co_await write(*ours)) co_return DropReason::closed_by_peer;
    splitter_.expect_only({});
    read_by_ = Clock::Steady::max();
    ready_ = true;
    asio::co_spawn(stream_.get_executor(), write_all(shared_from_this()), asio::detached);
    share_.host.ready(*this);
    co_return std::nullopt;
}

std::optional<DropReason> Session::judge(const Frame& frame)
{
    if (frame.kind == message::goodbye) {
        detail_ = printable(frame.payload);
        return DropReason::refused_by_peer;
    }
    const auto theirs = decode_hello(frame.payload);
    if (!theirs) return reason_of(HelloFault::malformed);
    hello_ = *theirs;
    const auto fault =
        judge_hello(share_.host.our_hello(*this), share_.own_key, hello_, *judgement_.peer);
    if (fault) return reason_of(*fault);
    return {};
}

asio::awaitable<DropReason> Session::read_all()
{
    for (;;) {
        std::optional<Frame> frame;
        if (const auto failed = co_await read_frame(frame)) co_return *failed;
        if (const auto refused = handle(std::move(*frame))) co_return *refused;
        if (reason_) co_return *reason_;
    }
}

asio::awaitable<std::optional<DropReason>> Session::read_frame(std::optional<Frame>& frame)
{
    for (;;) {
        if (!unread_.empty()) {
            const bool first = splitter_.between_frames();
            auto step = splitter_.take(unread_);
            if (!step) co_return reason_of(step.error());
            unread_ = unread_.subspan(step->consumed);
            if (first) frame_began_ = heard_;
            if (step->frame) {
                frame = std::move(step->frame);
                ++frames_in_;
                if (ready_) read_by_ = Clock::Steady::max();
            }
            const auto held =
                frame ? frame->payload.capacity() + share_.limits.frame_overhead : splitter_.held();
            if (const auto full = co_await reserve(held)) co_return full;
            if (frame) co_return std::nullopt;
            if (ready_ && !splitter_.between_frames()) {
                read_by_ = frame_began_ + time_for(splitter_.announced().value_or(0));
                read_late_ = DropReason::frame_too_slow;
            }
            continue;
        }
        if (const auto failed = co_await fill()) co_return failed;
    }
}

asio::awaitable<std::optional<DropReason>> Session::fill()
{
    if (reason_) co_return *reason_;
    const auto [error, size] = co_await stream_.async_read_some(asio::buffer(input_), as_result);
    if (error) {
        const auto why = TlsContext::why(error, judgement_);
        // A server's verdict about our certificate comes as an alert on the first read.
        co_return why == DropReason::tls_failed ? DropReason::closed_by_peer : why;
    }
    heard_ = share_.clock.now();
    bytes_in_ += size;
    unread_ = ByteView{input_.data(), size};
    co_return std::nullopt;
}

/// Makes the leases fit the memory that a payload has taken. Waits as long as it takes for
/// whoever holds this peer's frames, and a while for memory that other peers have.
asio::awaitable<std::optional<DropReason>> Session::reserve(std::size_t bytes)
{
    if (bytes <= shared_lease_.bytes()) co_return std::nullopt;
    const auto began = share_.clock.now();
    auto give_up = began + share_.limits.room_time;
    for (;;) {
        const bool own = own_lease_.resize(bytes);
        if (own && shared_lease_.resize(bytes)) break;
        if (reason_) co_return *reason_;
        const auto now = share_.clock.now();
        if (!own) give_up = now + share_.limits.room_time;
        if (now >= give_up) co_return DropReason::inbound_memory;
        paused_ = true;
        room_.expires_after(250ms);
        co_await room_.async_wait(as_result);
    }
    // Our waiting is not the peer's slowness.
    const auto waited = share_.clock.now() - began;
    frame_began_ += waited;
    heard_ += waited;
    paused_ = false;
    co_return std::nullopt;
}

std::optional<DropReason> Session::handle(Frame frame)
{
    const auto* rule = rule_of(frame.kind);
    auto shared = std::exchange(shared_lease_, share_.inbound->open());
    auto own = std::exchange(own_lease_, own_budget_->open());
    switch (rates_.spend(rule->rate, frame.payload.size(), heard_)) {
        case TokenBucket::Verdict::within:
            break;
        case TokenBucket::Verdict::over:
            ++dropped_in_;
            return {};
        case TokenBucket::Verdict::flood:
            return DropReason::flood;
    }
    if (frame.kind.channel == Channel::control) return handle_control(frame);
    share_.host.received(*this, {std::move(frame), std::move(shared), std::move(own)});
    return {};
}

std::optional<DropReason> Session::handle_control(const Frame& frame)
{
    if (frame.kind == message::goodbye) {
        detail_ = printable(frame.payload);
        return DropReason::refused_by_peer;
    }
    if (frame.kind == message::ping) {
        push(WriteClass::consensus, encode_frame(message::pong, frame.payload));
        return {};
    }
    if (frame.kind != message::pong || !ping_) return DropReason::message_unasked;
    std::uint64_t number = 0;
    for (const auto byte : frame.payload) number = number << 8 | byte;
    if (number != *ping_) return DropReason::message_unasked;
    ping_.reset();
    round_trip_ = std::chrono::duration_cast<std::chrono::milliseconds>(heard_ - pinged_);
    share_.host.measured(*this, *round_trip_);
    return {};
}

void Session::push(WriteClass to, SharedFrame frame)
{
    if (reason_) return;
    if (queues_.push(to, std::move(frame)) == WriteQueues::Verdict::overflow)
        return close(DropReason::write_overflow);
    to_write_.cancel();
}

/// Holds the session, which it outlives otherwise when its reading half ends first.
asio::awaitable<void> Session::write_all([[maybe_unused]] std::shared_ptr<Session> self)
{
    try {
        while (!reason_) {
            const auto frames = queues_.take(write_step);
            if (frames.empty()) {
                to_write_.expires_at(asio::steady_timer::time_point::max());
                co_await to_write_.async_wait(as_result);
                continue;
            }
            frames_out_ += frames.size();
            bool good = true;
            if (frames.size() == 1) {
                good = co_await write(*frames.front());
            } else {
                Bytes together;
                for (const auto& frame : frames) ledger::append(together, *frame);
                good = co_await write(together);
            }
            if (!good) break;
        }
    } catch (const std::exception&) {
    }
    if (!reason_) close(DropReason::closed_by_peer);
}

asio::awaitable<bool> Session::write(const Bytes& bytes)
{
    writing_ = true;
    write_by_ = share_.clock.now() + time_for(bytes.size());
    const auto [error, size] = co_await asio::async_write(stream_, asio::buffer(bytes), as_result);
    write_by_ = Clock::Steady::max();
    writing_ = false;
    bytes_out_ += size;
    co_return !error;
}

/// Tells a peer that has shown who it is why we hang up; no longer than a moment.
asio::awaitable<void> Session::say_goodbye()
{
    if (!secured_ || cut_ || writing_ || reason_ == DropReason::closed_by_peer ||
        reason_ == DropReason::refused_by_peer)
        co_return;
    const auto frame = encode_frame(message::goodbye, ledger::as_bytes(name_of(*reason_)));
    writing_ = true;
    write_by_ = share_.clock.now() + share_.limits.goodbye_time;
    co_await asio::async_write(stream_, asio::buffer(*frame), as_result);
    boost::system::error_code ignored;
    stream_.lowest_layer().shutdown(asio::socket_base::shutdown_send, ignored);
    // Closing with unread bytes would reset the connection and take our word away.
    for (std::size_t read = 0; read < 64 * 1024;) {
        const auto [error, size] =
            co_await stream_.next_layer().async_read_some(asio::buffer(input_), as_result);
        if (error) break;
        read += size;
    }
    write_by_ = Clock::Steady::max();
}

void Session::close(DropReason reason)
{
    if (reason_) return;
    // A frame half written leaves no place for another word.
    if (!secured_ || writing_) return cut(reason);
    reason_ = reason;
    // What is under way may have finished just now and go on once more: the tick ends it.
    write_by_ = share_.clock.now() + share_.limits.goodbye_time;
    boost::system::error_code ignored;
    stream_.lowest_layer().cancel(ignored);
    room_.cancel();
    to_write_.cancel();
}

void Session::cut(DropReason reason)
{
    if (!reason_) reason_ = reason;
    cut_ = true;
    boost::system::error_code ignored;
    stream_.lowest_layer().close(ignored);
    room_.cancel();
    to_write_.cancel();
}

void Session::tick(Clock::Steady now)
{
    if (reason_) {
        if (now >= write_by_) cut(*reason_);
        return;
    }
    if (now >= write_by_) return cut(DropReason::reads_too_slowly);
    if (paused_) return;
    if (now >= read_by_) return close(read_late_);
    if (!ready_) return;
    if (ping_ && now >= pinged_ + share_.limits.pong_time) return close(DropReason::ping_timeout);
    // The first one at once: how far away a peer is counts when somebody has to go.
    const bool idle = now >= std::max(heard_, pinged_) + share_.limits.idle_time;
    if (!ping_ && (idle || pings_ == 0)) {
        ping_ = ++pings_;
        pinged_ = now;
        Bytes number(8);
        for (std::size_t i = 0; i < 8; ++i)
            number[i] = static_cast<std::uint8_t>(pings_ >> (56 - 8 * i));
        push(WriteClass::consensus, encode_frame(message::ping, number));
    }
}

std::chrono::milliseconds Session::time_for(std::size_t bytes) const
{
    return share_.limits.frame_grace +
           std::chrono::milliseconds{bytes * 1000 / share_.limits.bytes_per_second};
}

ConnectionEnd Session::end() const
{
    return {judgement_.fault ? std::nullopt : judgement_.peer,
            address_,
            dialled_.has_value(),
            admitted,
            reason(),
            detail_};
}

PeerInfo Session::info() const
{
    return {*judgement_.peer,
            address_,
            use,
            dialled_.has_value(),
            hello_.epoch,
            hello_.features,
            std::chrono::duration_cast<std::chrono::milliseconds>(share_.clock.now() - began_),
            round_trip_,
            bytes_in_,
            bytes_out_,
            frames_in_,
            frames_out_,
            dropped_in_,
            queues_.dropped(),
            queues_.bytes(),
            0};
}

}  // namespace node
