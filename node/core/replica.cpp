#include "node/core/replica.hpp"

#include "ledger/codec/binary.hpp"
#include "node/core/consensus_frames.hpp"

#include <algorithm>

namespace node {

using namespace ledger;
using consensus::Now;
using market::CheckedTransaction;

namespace {

/// The clock of rations, from the time that came as an argument.
Clock::Steady steady(const Now& now)
{
    return Clock::Steady{std::chrono::milliseconds{now.steady_ms}};
}

bool has_proposal(const consensus::Output& output)
{
    return std::any_of(output.records.begin(), output.records.end(), [](const auto& record) {
        return std::holds_alternative<consensus::OwnProposal>(record);
    });
}

}  // namespace

consensus::CoreTimes core_times(const Parameters& params, std::size_t validators,
                                std::uint64_t t0_ms, std::uint64_t t_max_ms, std::uint64_t skip_ms)
{
    consensus::CoreTimes times;
    times.t0 = t0_ms;
    times.t_max = t_max_ms;
    times.skip = skip_ms;
    times.max_drift = params.max_drift_ms;
    times.min_interval = params.min_interval_ms;
    // One validator has nobody to tell that it lives.
    times.heartbeat = validators == 1 ? 0 : params.heartbeat_s * 1'000;
    return times;
}

Replica::Replica(const Parts& parts, Mempool& mempool, LedgerApplication& application,
                 consensus::CoreTimes times, consensus::Durable durable, ReplicaLimits limits,
                 const Now& now)
    : parts_{parts},
      limits_{limits},
      mempool_{mempool},
      application_{application},
      core_{times,       std::move(durable),      parts.signer, parts.verifier,
            application, parts.random.next_u64(), parts.trusted},
      gossip_{limits.gossip, parts.random}
{
    application_.set_time(now.wall);
    set_leaders();
}

void Replica::connected(const PublicKey& key, bool we_dialled, const Now& now)
{
    disconnected(key, now);
    const consensus::PeerId id{next_peer_++};
    peers_.emplace(key, Peer{id, TokenBucket{limits_.served, steady(now)}});
    keys_.emplace(id, key);
    inbox_.emplace_back(consensus::Connected{id, key});
    gossip_.add_peer(key, we_dialled);
    std::vector<WireId> ours;
    for (const auto& transaction :
         mempool_.select(BlockLimits::body_bytes, limits_.gossip.announcements_of_peer)) {
        perform(gossip_.accepted(transaction.wire_id, &key, now.steady_ms));
        ours.push_back(transaction.wire_id);
    }
    gossip_.offer(key, ours, now.steady_ms);
}

void Replica::disconnected(const PublicKey& key, const Now& now)
{
    const auto found = peers_.find(key);
    if (found == peers_.end()) return;
    inbox_.emplace_back(consensus::Disconnected{found->second.id});
    keys_.erase(found->second.id);
    peers_.erase(found);
    perform(gossip_.remove_peer(key, now.steady_ms));
}

std::optional<Replica::Unchecked> Replica::received(const PublicKey& from, MessageKind kind,
                                                    ByteView payload, const Now& now)
{
    const auto peer = peers_.find(from);
    if (peer == peers_.end()) return {};
    if (is_consensus(kind)) {
        // What asks for blocks is answered while the peer has something left for it.
        if ((kind == message::get_blocks || kind == message::get_body) &&
            !peer->second.served.spend_if_there(1, steady(now)))
            return {};
        auto decoded = decode_consensus(kind, payload);
        if (decoded)
            inbox_.emplace_back(consensus::Received{peer->second.id, std::move(*decoded)});
        else
            parts_.peers.misbehaved(from, decoded.error().detail);
        return {};
    }
    if (kind == message::transaction) {
        const auto id = wire_id(payload);
        if (mempool_.find(id) != nullptr) return {};
        return Unchecked{from, Bytes(payload.begin(), payload.end())};
    }
    const auto ids = decode_ids(payload);
    if (!ids) {
        parts_.peers.misbehaved(from, ids.error().detail);
        return {};
    }
    if (kind == message::inventory)
        perform(gossip_.on_inventory(from, *ids, now.steady_ms));
    else if (kind == message::get_transactions)
        perform(gossip_.on_request(from, *ids));
    else if (kind == message::missing_transactions)
        perform(gossip_.on_missing(from, *ids, now.steady_ms));
    return {};
}

void Replica::checked(const PublicKey& from, const WireId& id, Result<CheckedTransaction> result,
                      const Now& now)
{
    if (!result) {
        gossip_.refused(id);
        parts_.peers.record(from, Deed::invalid_message);
        return;
    }
    if (add(std::move(*result), &from, now)) {
        parts_.peers.record(from, Deed::delivered_first);
    } else {
        // It may be good for others, or later: no fault of the peer's.
        gossip_.refused(id);
    }
}

Result<void, MempoolFault> Replica::add(CheckedTransaction transaction, const PublicKey* from,
                                        const Now& now)
{
    const auto id = transaction.wire_id;
    const TimeMs time{std::max(now.wall.value, parts_.chain.head().header.time_ms.value + 1)};
    const auto added =
        mempool_.add(std::move(transaction), market::View{parts_.chain.state()}, time);
    // Whoever connects later is offered the pool.
    if (added && !peers_.empty()) perform(gossip_.accepted(id, from, now.steady_ms));
    return added;
}

void Replica::perform(const GossipActions& actions)
{
    using Kind = GossipAction::Kind;
    for (const auto& action : actions) {
        const std::span to{&action.peer, 1};
        switch (action.kind) {
            case Kind::announce:
                parts_.peers.send(to, message::inventory, encode_ids(action.ids));
                break;
            case Kind::request:
                parts_.peers.send(to, message::get_transactions, encode_ids(action.ids));
                break;
            case Kind::send_body: {
                std::vector<WireId> gone;
                for (const auto& id : action.ids)
                    if (const auto* found = mempool_.find(id))
                        parts_.peers.send(to, message::transaction, found->encoded);
                    else
                        gone.push_back(id);
                if (!gone.empty())
                    parts_.peers.send(to, message::missing_transactions, encode_ids(gone));
                break;
            }
            case Kind::say_missing:
                parts_.peers.send(to, message::missing_transactions, encode_ids(action.ids));
                break;
            case Kind::broken_promise:
                parts_.peers.record(action.peer, Deed::broken_promise);
                break;
            case Kind::too_many:
                parts_.peers.record(action.peer, Deed::protocol_abuse);
                break;
        }
    }
}

void Replica::publish(const consensus::Send& send, const Now& now)
{
    std::vector<PublicKey> to;
    for (const auto& id : send.to)
        if (const auto key = keys_.find(id); key != keys_.end()) to.push_back(key->second);
    if (to.empty()) return;
    const auto kind = kind_of(send.message);
    const auto payload = consensus::encode_message(send.message);
    if (kind == message::blocks || kind == message::body)
        for (const auto& key : to) peers_.at(key).served.spend(payload.size(), steady(now));
    parts_.peers.send(to, kind, payload);
}

Result<StepResult> Replica::step(const Now& now)
{
    application_.set_time(now.wall);
    std::vector<consensus::Input> inputs;
    inputs.swap(inbox_);
    auto output = core_.step(inputs, now);
    if (const auto& fault = application_.fault()) return *fault;

    // Nothing leaves before the sync (R0).
    for (const auto& record : output.records) {
        const auto seq =
            parts_.log.append(consensus::record_type(record), consensus::encode_record(record));
        if (!seq) return seq.error();
    }
    if (const auto done = parts_.log.sync(); !done) return done.error();
    if (output.halt) return Error{ErrorKind::corrupt, output.halt->reason};

    StepResult result;
    result.again = has_proposal(output);
    for (const auto& send : output.sends) publish(send, now);
    for (const auto& accused : output.misbehaved)
        if (const auto key = keys_.find(accused.peer); key != keys_.end())
            parts_.peers.misbehaved(key->second, accused.what);
    if (const auto done = apply(output, result); !done) return done.error();
    if (output.push_to)
        if (const auto key = keys_.find(*output.push_to); key != keys_.end()) push_to(key->second);
    for (auto& seen : application_.take_seen()) {
        const auto id = seen.wire_id;
        if (const auto added = add(std::move(seen), nullptr, now); !added) gossip_.refused(id);
    }
    result.departures = take_departures();
    set_leaders();
    perform(gossip_.tick(now.steady_ms));

    result.evidence = std::move(output.evidence);
    result.has_new_epoch = !output.proofs.empty();
    result.again = result.again && mempool_.has_pending();
    result.wake_at = output.wake_at;
    if (const auto due = gossip_.due())
        result.wake_at = std::min(result.wake_at.value_or(*due), std::max(*due, now.steady_ms + 1));
    return result;
}

Result<void> Replica::apply(consensus::Output& output, StepResult& result)
{
    // Before its seal: who looks for what proves a final block finds it.
    for (const auto& proof : output.proofs)
        if (const auto done = parts_.chain.keep(proof); !done) return done;
    for (auto& commit : output.commits) {
        auto block = parts_.chain.commit(commit.id, commit.block.body, commit.certificate,
                                         parts_.log.synced_seq());
        if (!block) return block.error();
        try {
            settle_pool(*block);
        } catch (const StateFault& fault) {
            return Error{ErrorKind::corrupt, fault.what()};
        }
        result.blocks.push_back({{std::move(block->header), block->id},
                                 std::move(block->tx_ids),
                                 std::move(block->receipts)});
    }
    return {};
}

void Replica::settle_pool(const ExecutedBlock& block)
{
    std::set<Address> senders;
    for (const auto& key : block.used) senders.insert(key.sender);
    for (const auto& receipt : block.receipts)
        for (const auto& event : receipt.events)
            if (event.kind == market::EventKind::admitted) senders.insert(event.account);
    mempool_.on_block(senders, market::View{parts_.chain.state()}, block.header.time_ms);
}

std::vector<Departure> Replica::take_departures()
{
    auto gone = mempool_.take_departures();
    for (const auto& departure : gone) gossip_.forget(departure.wire_id);
    return gone;
}

/// The leader of this view should have what there is to order.
void Replica::push_to(const PublicKey& leader)
{
    const std::span to{&leader, 1};
    for (const auto& transaction :
         mempool_.select(limits_.pushed_bytes, limits_.pushed_transactions))
        parts_.peers.send(to, message::transaction, transaction.encoded);
}

void Replica::set_leaders()
{
    if (peers_.empty()) return;
    const auto& epoch = core_.epoch();
    std::vector<PublicKey> leaders;
    for (const auto view : {core_.current(), core_.current() + 1}) {
        const auto index = epoch.leader(std::max<consensus::View>(view, 1));
        const auto& key = epoch.set()[index].peer_key;
        if (core_.guard().index() != index && peers_.contains(key) &&
            std::find(leaders.begin(), leaders.end(), key) == leaders.end())
            leaders.push_back(key);
    }
    gossip_.set_leaders(std::move(leaders));
}

Result<void> Replica::checkpoint()
{
    return write_checkpoint(parts_.log, parts_.store, parts_.chain, core_.durable());
}

ConsensusStatus Replica::status() const
{
    return {core_.epoch().number(), core_.current(),
            core_.floor(),          core_.epoch().set(),
            core_.guard().index(),  core_.guard().silenced(),
            core_.refused(),        core_.guard().is_settling(),
            peers_.size(),          core_.events()};
}

std::set<PublicKey> Replica::validator_keys() const
{
    std::set<PublicKey> keys;
    for (const auto& validator : core_.epoch().set()) keys.insert(validator.peer_key);
    return keys;
}

}  // namespace node
