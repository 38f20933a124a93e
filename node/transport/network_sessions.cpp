// What sessions ask of the network: who may stay, where frames go, what an end means.
#include "node/transport/network_parts.hpp"

#include <utility>

namespace node {

using ledger::PublicKey;

namespace {

/// Only what nobody else can have caused.
bool deserves_ban(DropReason reason)
{
    switch (reason) {
        case DropReason::frame_unknown_kind:
        case DropReason::frame_unexpected_kind:
        case DropReason::frame_empty:
        case DropReason::frame_too_large:
        case DropReason::message_malformed:
        case DropReason::hello_malformed:
            return true;
        default:
            return false;
    }
}

bool is_abuse(DropReason reason)
{
    return reason == DropReason::flood || reason == DropReason::message_unasked ||
           reason == DropReason::frame_too_slow;
}

}  // namespace

Hello PeerNetwork::Parts::our_hello(const Session& session) const
{
    auto features = config.features;
    if (session.dialled()) {
        if (session.dialled()->use == ConnectionUse::feeler) features |= feature::feeler;
        if (session.dialled()->use == ConnectionUse::certificates_only)
            features |= feature::certificates_only;
    }
    return {transport_version, config.chain_id, config.genesis, epoch, features, nonce};
}

std::optional<DropReason> PeerNetwork::Parts::admit(Session& session)
{
    const auto& peer = session.key();
    if (stopping) return DropReason::stopped;
    // A feeler takes no slot; only the side that sent it knows more about it.
    if (!session.dialled() && (session.hello().features & feature::feeler) != 0)
        return std::nullopt;
    auto* old = find(peer);
    if (old != nullptr) {
        if (!new_connection_stays(key, peer, old->dialled().has_value(),
                                  session.dialled().has_value()))
            return DropReason::duplicate;
        leave(*old, DropReason::replaced);
    }
    const auto verdict = manager.admit(peer, session.address(), session.dialled(), now());
    if (verdict.verdict != Admission::taken) return reason_of(verdict.verdict);
    if (verdict.evicted) {
        if (auto* evicted = find(*verdict.evicted)) leave(*evicted, DropReason::evicted);
    }
    session.use = verdict.use;
    session.admitted = true;
    by_key[peer] = &session;
    return std::nullopt;
}

void PeerNetwork::Parts::ready(Session& session)
{
    if (session.pending) gate.leave(session.address().ip);
    session.pending = false;
    if (!session.admitted) return session.close(DropReason::feeler_done);
    ++connected;
    if (session.use == ConnectionUse::feeler) return leave(session, DropReason::feeler_done);
    if (own_record)
        session.push(WriteClass::transactions,
                     encode_frame(message::addresses, encode_records({*own_record})));
    if (session.dialled()) {
        session.asked_for_addresses = true;
        session.push(WriteClass::transactions,
                     encode_frame(message::get_addresses, ledger::Bytes{1}));
    }
    handler.connected(session.info());
    take_snapshot();
}

void PeerNetwork::Parts::received(Session& session, InboundFrame frame)
{
    if (!session.admitted) return session.close(DropReason::message_unasked);
    const auto kind = frame.frame.kind;
    if (kind.channel == Channel::addresses) {
        if (const auto refused = handle_addresses(session, frame.frame)) session.close(*refused);
        return;
    }
    if (rule_of(kind)->rate == RateClass::requests &&
        manager.standing(session.key(), now()) >= PeerStanding::not_served) {
        ++not_served;
        return;
    }
    handler.received(session.key(), std::move(frame));
}

std::optional<DropReason> PeerNetwork::Parts::handle_addresses(Session& session, const Frame& frame)
{
    if (frame.kind == message::get_addresses) {
        // Once for each connection, and never to whom we dialled: answers would show our book.
        if (session.dialled() || session.gave_addresses) return DropReason::message_unasked;
        session.gave_addresses = true;
        const auto records = manager.records_for_peer(now());
        session.push(WriteClass::transactions,
                     encode_frame(message::addresses, encode_records(records)));
        return {};
    }
    const auto records = decode_records(frame.payload);
    if (!records) return DropReason::message_malformed;
    // Unasked, a peer may only say where itself is.
    const bool own = records->size() == 1 && records->front().key == session.key();
    if (!own && !std::exchange(session.asked_for_addresses, false))
        return DropReason::message_unasked;
    manager.learn(*records, session.key(), session.address().ip, now());
    return {};
}

void PeerNetwork::Parts::measured(Session& session, std::chrono::milliseconds round_trip)
{
    if (session.admitted) manager.measured(session.key(), round_trip);
}

void PeerNetwork::Parts::misbehaved(Session& session, DropReason reason)
{
    if (deserves_ban(reason)) manager.ban(session.key(), std::string{name_of(reason)}, now());
    if (is_abuse(reason)) manager.record(session.key(), Deed::protocol_abuse, now());
}

/// Takes an admitted session off all lists and hangs up; the rest happens when it has ended.
void PeerNetwork::Parts::leave(Session& session, DropReason reason)
{
    session.close(reason);
    if (!session.admitted) return;
    const auto found = by_key.find(session.key());
    if (found == by_key.end() || found->second != &session) return;
    by_key.erase(found);
    manager.gone(session.key(), now());
    if (session.use != ConnectionUse::feeler && session.is_ready()) handler.ended(session.end());
    take_snapshot();
}

void PeerNetwork::Parts::ended(Session& session)
{
    const auto reason = session.reason();
    count(reason);
    if (session.pending) gate.leave(session.address().ip);
    session.pending = false;
    const auto end = session.end();
    if (end.key) misbehaved(session, reason);
    const bool told = session.admitted && find(*end.key) != &session;
    leave(session, reason);
    if (!session.admitted) {
        if (session.dialled()) {
            const bool innocent = reason == DropReason::duplicate || reason == DropReason::stopped;
            if (innocent)
                manager.dial_dropped(*session.dialled());
            else
                manager.dial_failed(*session.dialled(), now());
        }
        handler.ended(end);
    } else if (!told && !session.is_ready()) {
        handler.ended(end);
    }
    sessions.erase(session.id());
}

void PeerNetwork::Parts::take_snapshot()
{
    std::vector<PeerInfo> all;
    for (const auto& [peer, session] : by_key) {
        if (!session->is_ready() || session->use == ConnectionUse::feeler) continue;
        all.push_back(session->info());
        all.back().score = manager.score(peer, now());
    }
    const std::lock_guard lock{mutex};
    snapshot = std::move(all);
    alarm = manager.one_netgroup_alarm();
}

}  // namespace node
