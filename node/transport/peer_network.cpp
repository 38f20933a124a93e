#include "node/transport/peer_network.hpp"

#include "ledger/base/ensure.hpp"
#include "node/transport/network_parts.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

namespace node {

using namespace std::chrono_literals;
using ledger::PublicKey;

bool PeerNetwork::Parts::post_frame(SharedFrame frame,
                                    std::function<void(const SharedFrame&)> action)
{
    const auto size = frame->size();
    if (outbox.fetch_add(size) + size > config.limits.outbox_bytes) {
        outbox -= size;
        ++refused_sends;
        return false;
    }
    asio::post(io, [this, frame = std::move(frame), action = std::move(action)] {
        outbox -= frame->size();
        action(frame);
    });
    return true;
}

PeerNetwork::PeerNetwork(PeerNetworkConfig config, ledger::SecretKey peer_key, const Clock& clock,
                         ledger::Random& random, PeerHandler& handler)
    : parts_{
          std::make_unique<Parts>(std::move(config), std::move(peer_key), clock, random, handler)}
{
}

PeerNetwork::~PeerNetwork()
{
    stop();
}

ledger::Result<void> PeerNetwork::start()
{
    auto& parts = *parts_;
    ledger::ensure(!parts.thread.joinable() && !parts.stopping, "a network starts once");
    parts.load_file();
    if (parts.config.listens) {
        if (const auto good = parts.listen(); !good) return good;
    }
    parts.tls = std::make_shared<TlsContext>(parts.secret, parts.clock);
    // Posts from the thread that let go of a frame; stop() takes it away under the same lock.
    parts.budget->on_room([&parts] {
        asio::post(parts.io, [&parts] {
            for (const auto& [id, session] : parts.sessions) session->wake();
        });
    });
    if (parts.config.listens) asio::co_spawn(parts.io, parts.accept(), asio::detached);
    parts.thread = std::thread{[&parts] {
        const auto guard = asio::make_work_guard(parts.io);
        parts.tick();
        parts.schedule_tick();
        parts.io.run();
    }};
    return {};
}

std::optional<ledger::Error> PeerNetwork::file_problem() const
{
    const std::lock_guard lock{parts_->mutex};
    return parts_->problem;
}

NetAddress PeerNetwork::local() const
{
    return parts_->local;
}

const PublicKey& PeerNetwork::key() const
{
    return parts_->key;
}

bool PeerNetwork::send(const PublicKey& to, MessageKind kind, ledger::ByteView payload)
{
    const auto write = rule_of(kind)->write;
    return parts_->post_frame(encode_frame(kind, payload),
                              [parts = parts_.get(), to, write](const SharedFrame& frame) {
                                  auto* session = parts->find(to);
                                  if (session != nullptr && session->is_ready())
                                      session->push(write, frame);
                              });
}

bool PeerNetwork::broadcast(MessageKind kind, ledger::ByteView payload,
                            const std::optional<PublicKey>& except, std::uint64_t features)
{
    const auto write = rule_of(kind)->write;
    return parts_->post_frame(encode_frame(kind, payload), [parts = parts_.get(), except, features,
                                                            write](const SharedFrame& frame) {
        std::vector<Session*> to;
        for (const auto& [peer, session] : parts->by_key) {
            if (!session->is_ready() || peer == except) continue;
            if (session->use == ConnectionUse::feeler) continue;
            if ((session->hello().features & features) != features) continue;
            const auto sides = session->hello().features & feature::certificates_only;
            const bool certificates = session->use == ConnectionUse::certificates_only ||
                                      (!session->dialled() && sides != 0);
            const bool transactions = write == WriteClass::transactions;
            if (transactions && certificates) continue;
            if (transactions &&
                parts->manager.standing(peer, parts->now()) >= PeerStanding::not_announced_to) {
                ++parts->not_announced;
                continue;
            }
            to.push_back(session);
        }
        for (auto* session : to) session->push(write, frame);
    });
}

void PeerNetwork::record(const PublicKey& peer, Deed deed)
{
    asio::post(parts_->io, [parts = parts_.get(), peer, deed] {
        parts->manager.record(peer, deed, parts->now());
    });
}

void PeerNetwork::ban(const PublicKey& peer, std::string reason)
{
    asio::post(parts_->io, [parts = parts_.get(), peer, reason = std::move(reason)]() mutable {
        parts->manager.ban(peer, std::move(reason), parts->now());
        if (auto* session = parts->find(peer)) parts->leave(*session, DropReason::banned);
    });
}

void PeerNetwork::disconnect(const PublicKey& peer)
{
    asio::post(parts_->io, [parts = parts_.get(), peer] {
        if (auto* session = parts->find(peer)) parts->leave(*session, DropReason::stopped);
    });
}

void PeerNetwork::set_validators(std::set<PublicKey> peer_keys)
{
    asio::post(parts_->io, [parts = parts_.get(), keys = std::move(peer_keys)]() mutable {
        parts->manager.set_validators(std::move(keys));
    });
}

void PeerNetwork::set_epoch(std::uint64_t epoch)
{
    asio::post(parts_->io, [parts = parts_.get(), epoch] { parts->epoch = epoch; });
}

void PeerNetwork::add_fixed_peer(const FixedPeer& peer)
{
    asio::post(parts_->io,
               [parts = parts_.get(), peer] { parts->manager.add_fixed(peer.key, peer.address); });
}

std::vector<PeerInfo> PeerNetwork::peers() const
{
    const std::lock_guard lock{parts_->mutex};
    return parts_->snapshot;
}

NetworkCounters PeerNetwork::counters() const
{
    NetworkCounters counters;
    for (std::size_t i = 0; i < drop_reasons; ++i) counters.ended[i] = parts_->ended_by[i];
    counters.accepted = parts_->accepted;
    counters.dialled = parts_->dialled;
    counters.connected = parts_->connected;
    counters.refused_sends = parts_->refused_sends;
    counters.not_announced = parts_->not_announced;
    counters.not_served = parts_->not_served;
    return counters;
}

std::size_t PeerNetwork::inbound_bytes() const
{
    return parts_->budget->used();
}

bool PeerNetwork::eclipse_alarm() const
{
    const std::lock_guard lock{parts_->mutex};
    return parts_->alarm;
}

void PeerNetwork::stop()
{
    auto& parts = *parts_;
    if (!parts.thread.joinable()) return;
    asio::post(parts.io, [&parts] {
        parts.save_file();  // while the anchors are still connected
        parts.stopping = true;
        boost::system::error_code ignored;
        parts.acceptor.close(ignored);
        std::vector<std::shared_ptr<Session>> all;
        for (const auto& [id, session] : parts.sessions) all.push_back(session);
        for (const auto& session : all) session->close(DropReason::stopped);
        // A goodbye takes a second at most; whoever still sends after that is cut off.
        const auto timer = std::make_shared<asio::steady_timer>(parts.io);
        const auto give_up = std::chrono::steady_clock::now() + 2s;
        const auto poll = std::make_shared<std::function<void()>>();
        *poll = [&parts, timer, give_up, weak = std::weak_ptr{poll}] {
            if (parts.sessions.empty()) return parts.io.stop();
            if (std::chrono::steady_clock::now() >= give_up) return parts.io.stop();
            timer->expires_after(5ms);
            timer->async_wait([self = weak.lock()](const auto&) { (*self)(); });
        };
        (*poll)();
    });
    parts.thread.join();
    parts.budget->on_room({});
    {
        const std::lock_guard lock{parts.mutex};
        parts.snapshot.clear();
    }
}

}  // namespace node
