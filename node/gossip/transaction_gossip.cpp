#include "node/gossip/transaction_gossip.hpp"

#include <algorithm>

namespace node {

using ledger::PublicKey;
using ledger::WireId;
using Kind = GossipAction::Kind;

void TransactionGossip::add(GossipActions& actions, Kind kind, const PublicKey& peer,
                            const WireId& id)
{
    for (auto& action : actions) {
        if (action.kind != kind || action.peer != peer) continue;
        action.ids.push_back(id);
        return;
    }
    actions.push_back({kind, peer, {id}});
}

void TransactionGossip::add_peer(const PublicKey& peer, bool we_dialled)
{
    peers_.try_emplace(peer).first->second.we_dialled = we_dialled;
}

void TransactionGossip::offer(const PublicKey& peer, const std::vector<WireId>& ids,
                              std::uint64_t now_ms)
{
    const auto found = peers_.find(peer);
    if (found == peers_.end()) return;
    auto& outgoing = found->second.outgoing;
    for (const auto& id : ids) {
        if (outgoing.size() >= limits_.announcements_of_peer) break;
        if (!held_.contains(id) || found->second.announced.contains(id)) continue;
        if (outgoing.empty()) found->second.batch_due = now_ms + limits_.batch_ms;
        outgoing.push_back(id);
    }
}

std::optional<std::uint64_t> TransactionGossip::due() const
{
    std::optional<std::uint64_t> due;
    if (!wanted_.empty()) due = next_look_;
    for (const auto& [key, peer] : peers_)
        if (!peer.outgoing.empty()) due = std::min(due.value_or(peer.batch_due), peer.batch_due);
    return due;
}

GossipActions TransactionGossip::remove_peer(const PublicKey& peer, std::uint64_t now_ms)
{
    GossipActions actions;
    const auto found = peers_.find(peer);
    if (found == peers_.end()) return actions;
    const auto announced = std::move(found->second.announced);
    peers_.erase(found);
    for (const auto& id : announced) {
        auto& wanted = wanted_.at(id);
        std::erase(wanted.announcers, peer);
        if (wanted.is_asked && wanted.asked == peer) {
            wanted.is_asked = false;
            ask_next(id, now_ms, actions);
        } else if (!wanted.is_asked && wanted.announcers.empty()) {
            wanted_.erase(id);
        }
    }
    return actions;
}

void TransactionGossip::remember(const WireId& id)
{
    if (!known_.insert(id).second) return;
    known_order_.push_back(id);
    // What we hold, which the pool bounds, is known as long as we hold it.
    while (known_order_.size() > limits_.known + held_.size()) {
        const auto oldest = known_order_.front();
        known_order_.pop_front();
        if (held_.contains(oldest))
            known_order_.push_back(oldest);
        else
            known_.erase(oldest);
    }
}

void TransactionGossip::drop_wanted(const WireId& id)
{
    const auto found = wanted_.find(id);
    if (found == wanted_.end()) return;
    for (auto& [key, peer] : peers_) peer.announced.erase(id);
    if (found->second.is_asked) {
        const auto asked = peers_.find(found->second.asked);
        if (asked != peers_.end()) --asked->second.asked;
    }
    wanted_.erase(found);
}

GossipActions TransactionGossip::accepted(const WireId& id, const PublicKey* from,
                                          std::uint64_t now_ms)
{
    GossipActions actions;
    // Whoever announced it has it.
    std::set<PublicKey> have;
    for (const auto& [key, peer] : peers_)
        if (peer.announced.contains(id)) have.insert(key);
    if (from != nullptr) have.insert(*from);
    drop_wanted(id);
    const bool news = !known_.contains(id);
    remember(id);
    held_.insert(id);
    if (!news) return actions;

    std::vector<PublicKey> rest;
    for (const auto& [key, peer] : peers_)
        if (!have.contains(key)) rest.push_back(key);
    if (from == nullptr) {
        const auto push = [&](const PublicKey& peer) {
            add(actions, Kind::send_body, peer, id);
            std::erase(rest, peer);
        };
        for (const auto& leader : leaders_)
            if (std::find(rest.begin(), rest.end(), leader) != rest.end()) push(leader);
        for (std::size_t i = 0; i < limits_.pushes && !rest.empty(); ++i)
            push(PublicKey{rest[random_.below(rest.size())]});
    }
    for (const auto& key : rest) {
        auto& peer = peers_.at(key);
        if (peer.outgoing.empty()) peer.batch_due = now_ms + limits_.batch_ms;
        peer.outgoing.push_back(id);
    }
    return actions;
}

void TransactionGossip::refused(const WireId& id)
{
    drop_wanted(id);
    remember(id);
}

void TransactionGossip::ask_next(const WireId& id, std::uint64_t now_ms, GossipActions& actions)
{
    auto& wanted = wanted_.at(id);
    auto& waiting = wanted.announcers;
    const auto can_ask = [&](const PublicKey& key) {
        return peers_.at(key).asked < limits_.asked_of_peer;
    };
    // Those we dialled first: an attacker chose to dial us, not we him.
    auto next = std::find_if(waiting.begin(), waiting.end(), [&](const PublicKey& key) {
        return peers_.at(key).we_dialled && can_ask(key);
    });
    if (next == waiting.end()) next = std::find_if(waiting.begin(), waiting.end(), can_ask);
    if (next == waiting.end()) {
        if (waiting.empty()) wanted_.erase(id);
        return;
    }
    wanted.asked = *next;
    wanted.is_asked = true;
    wanted.deadline = now_ms + limits_.timeout_ms;
    waiting.erase(next);
    ++peers_.at(wanted.asked).asked;
    add(actions, Kind::request, wanted.asked, id);
}

GossipActions TransactionGossip::on_inventory(const PublicKey& from, const std::vector<WireId>& ids,
                                              std::uint64_t now_ms)
{
    GossipActions actions;
    const auto found = peers_.find(from);
    if (found == peers_.end()) return actions;
    if (ids.size() > limits_.batch) return {{Kind::too_many, from, {}}};
    for (const auto& id : ids) {
        if (known_.contains(id) || found->second.announced.contains(id)) continue;
        if (found->second.announced.size() >= limits_.announcements_of_peer) {
            actions.push_back({Kind::too_many, from, {}});
            break;
        }
        found->second.announced.insert(id);
        auto& wanted = wanted_[id];
        wanted.announcers.push_back(from);
        if (!wanted.is_asked) ask_next(id, now_ms, actions);
    }
    return actions;
}

GossipActions TransactionGossip::on_request(const PublicKey& from, const std::vector<WireId>& ids)
{
    if (ids.size() > limits_.batch) return {{Kind::too_many, from, {}}};
    GossipActions actions;
    const std::set<WireId> once{ids.begin(), ids.end()};
    for (const auto& id : once)
        add(actions, held_.contains(id) ? Kind::send_body : Kind::say_missing, from, id);
    return actions;
}

GossipActions TransactionGossip::on_missing(const PublicKey& from, const std::vector<WireId>& ids,
                                            std::uint64_t now_ms)
{
    GossipActions actions;
    const auto peer = peers_.find(from);
    if (peer == peers_.end()) return actions;
    for (const auto& id : ids) {
        const auto found = wanted_.find(id);
        if (found == wanted_.end() || !found->second.is_asked || found->second.asked != from)
            continue;
        found->second.is_asked = false;
        --peer->second.asked;
        peer->second.announced.erase(id);
        ask_next(id, now_ms, actions);
    }
    return actions;
}

GossipActions TransactionGossip::tick(std::uint64_t now_ms)
{
    GossipActions actions;
    std::vector<WireId> late;
    std::set<PublicKey> blamed;
    const bool look = now_ms >= next_look_;
    if (look) next_look_ = now_ms + limits_.look_ms;
    if (look)
        for (const auto& [id, wanted] : wanted_)
            if (!wanted.is_asked || wanted.deadline <= now_ms) late.push_back(id);
    for (const auto& id : late) {
        auto& wanted = wanted_.at(id);
        if (wanted.is_asked) {
            auto& peer = peers_.at(wanted.asked);
            --peer.asked;
            peer.announced.erase(id);
            wanted.is_asked = false;
            // A peer that stood still broke all that it had promised by then: one fault, since
            // faults count by their square, and a pause of seconds must not part us from it.
            if (peer.blamed_until <= now_ms) blamed.insert(wanted.asked);
            if (blamed.contains(wanted.asked)) {
                peer.blamed_until = now_ms + limits_.timeout_ms;
                add(actions, Kind::broken_promise, wanted.asked, id);
            }
        }
        ask_next(id, now_ms, actions);
    }
    for (auto& [key, peer] : peers_) {
        if (peer.outgoing.empty()) continue;
        if (peer.batch_due > now_ms && peer.outgoing.size() < limits_.batch) continue;
        // In random order, so that nobody reads from it who had what first.
        auto& ids = peer.outgoing;
        for (std::size_t i = ids.size(); i > 1; --i) std::swap(ids[i - 1], ids[random_.below(i)]);
        for (std::size_t at = 0; at < ids.size(); at += limits_.batch) {
            const auto end = std::min(at + limits_.batch, ids.size());
            actions.push_back({Kind::announce,
                               key,
                               {ids.begin() + static_cast<std::ptrdiff_t>(at),
                                ids.begin() + static_cast<std::ptrdiff_t>(end)}});
        }
        ids.clear();
    }
    return actions;
}

}  // namespace node
