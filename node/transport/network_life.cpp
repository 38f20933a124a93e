// How a network listens, dials, watches the time and keeps its file.
#include "node/env/files.hpp"
#include "node/http/as_result.hpp"
#include "node/transport/network_parts.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace node {
namespace {

using namespace std::chrono_literals;
using asio::ip::tcp;
constexpr auto snapshot_period = 1s;
constexpr std::uint64_t day_ms = 24ull * 3600 * 1000;

NetAddress address_of(const tcp::endpoint& endpoint)
{
    const auto& address = endpoint.address();
    const auto v6 = address.is_v4()
                        ? asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4())
                        : address.to_v6();
    return {{v6.to_bytes()}, endpoint.port()};
}

ledger::Error failed(const char* what, const NetAddress& where,
                     const boost::system::error_code& error)
{
    auto kind = ledger::ErrorKind::io;
    if (error == asio::error::address_in_use) kind = ledger::ErrorKind::unavailable;
    if (error == asio::error::access_denied) kind = ledger::ErrorKind::denied;
    return {kind, std::string{what} + " " + to_text(where) + ": " + error.message()};
}

}  // namespace

ledger::Result<void> PeerNetwork::Parts::listen()
{
    const auto where = endpoint_of(config.listen);
    boost::system::error_code error;
    acceptor.open(where.protocol(), error);
    if (error) return failed("cannot open a socket for", config.listen, error);
    acceptor.set_option(tcp::acceptor::reuse_address{true}, error);
    acceptor.bind(where, error);
    if (error) return failed("cannot take", config.listen, error);
    acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return failed("cannot listen on", config.listen, error);
    local = address_of(acceptor.local_endpoint(error));
    return {};
}

asio::awaitable<void> PeerNetwork::Parts::accept()
{
    asio::steady_timer pause{io};
    while (acceptor.is_open()) {
        Session::Socket socket{io};
        const auto [error] = co_await acceptor.async_accept(socket, as_result);
        if (error == asio::error::operation_aborted) co_return;
        if (error) {
            // Out of descriptors: asking again at once would spin.
            pause.expires_after(100ms);
            co_await pause.async_wait(as_result);
            continue;
        }
        boost::system::error_code unknown;
        const auto peer = socket.remote_endpoint(unknown);
        if (unknown) continue;
        const auto address = address_of(peer);
        const auto verdict = gate.enter(address.ip, clock.now());
        if (verdict != HandshakeGate::Verdict::open) {
            count(reason_of(verdict));
            continue;
        }
        ++accepted;
        begin(std::move(socket), address, {});
    }
}

void PeerNetwork::Parts::begin(Session::Socket socket, const NetAddress& address,
                               std::optional<DialOrder> dial)
{
    const bool inbound = !dial;
    const auto session =
        std::make_shared<Session>(next_id++, std::move(socket), tls, address, std::move(dial),
                                  SessionShare{*this, config.limits, clock, key, budget});
    session->pending = inbound;
    sessions[session->id()] = session;
    asio::co_spawn(io, Session::run(session), asio::detached);
}

void PeerNetwork::Parts::schedule_tick()
{
    const auto& l = config.limits;
    const auto shortest = std::min({l.handshake_time, l.frame_grace, l.idle_time, l.pong_time,
                                    l.dial_period * 4, l.room_time, l.goodbye_time});
    ticks.expires_after(std::clamp(shortest / 8, 5ms, 250ms));
    ticks.async_wait([this](const boost::system::error_code& cancelled) {
        if (cancelled) return;
        tick();
        schedule_tick();
    });
}

void PeerNetwork::Parts::tick()
{
    const auto time = clock.now();
    std::vector<std::shared_ptr<Session>> all;
    for (const auto& [id, session] : sessions) all.push_back(session);
    for (const auto& session : all) session->tick(time);
    if (clock.wall() >= tls->renew_at()) tls = std::make_shared<TlsContext>(secret, clock);
    if (time >= next_snapshot) {
        next_snapshot = time + snapshot_period;
        take_snapshot();
    }
    if (stopping) return;
    if (time >= next_dials) {
        next_dials = time + config.limits.dial_period;
        for (const auto& peer : manager.take_disconnects(now()))
            if (auto* session = find(peer)) leave(*session, DropReason::score);
        for (const auto& dial : manager.dials(now())) {
            ++dialled;
            begin(Session::Socket{io}, dial.address, dial);
        }
    }
    if (time >= next_save) {
        next_save = time + config.limits.save_period;
        save_file();
        if (!config.advertised.empty() &&
            (!own_record ||
             (own_record->expires_s - RecordLimits::lifetime_s) * 1000 + day_ms < now().value))
            own_record =
                make_record(secret, config.genesis, config.advertised, now().value / 1000, now());
    }
}

void PeerNetwork::Parts::load_file()
{
    if (config.file.empty()) return;
    const auto bytes = read_file(config.file, PeerManager::saved_limit);
    if (!bytes && bytes.error().kind == ledger::ErrorKind::not_found) return;
    const auto loaded = bytes ? manager.load(*bytes, now()) : ledger::Result<void>{bytes.error()};
    const std::lock_guard lock{mutex};
    if (!loaded) problem = loaded.error();
}

void PeerNetwork::Parts::save_file()
{
    if (config.file.empty()) return;
    const auto written = write_file(config.file, manager.save(now()));
    const std::lock_guard lock{mutex};
    if (!written) problem = written.error();
}

}  // namespace node
