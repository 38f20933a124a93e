#include "tests/simulation/adversary.hpp"

#include "ledger/consensus/justification.hpp"

namespace sim {

Adversary::Adversary(Cluster& cluster, std::set<std::size_t> nodes, std::uint64_t seed)
    : cluster_{cluster}, nodes_{std::move(nodes)}, random_{seed}
{
    for (const auto node : nodes_)
        habits_[node] = {chance(50), chance(40), chance(50), chance(30),
                         chance(40), chance(10), chance(40), chance(40)};
}

std::vector<PeerId> Adversary::some(const std::vector<PeerId>& all)
{
    std::vector<PeerId> chosen;
    for (const auto peer : all)
        if (chance(50)) chosen.push_back(peer);
    return chosen;
}

std::vector<PeerId> Adversary::everybody(std::size_t but) const
{
    std::vector<PeerId> all;
    for (std::size_t i = 0; i < cluster_.size(); ++i)
        if (i != but) all.push_back({i});
    return all;
}

std::optional<Index> Adversary::index_of(std::size_t node)
{
    if (!cluster_.node(node).core) return {};
    return cluster_.core(node).guard().index();
}

Vote Adversary::vote(std::size_t node, VoteKind kind, View view, const BlockId& id)
{
    const auto& epoch = cluster_.core(node).epoch();
    Vote made{kind, epoch.number(), view, id, index_of(node).value_or(0), {}};
    made.signature = cluster_.node(node).signer->sign(vote_digest(epoch.subject(kind, view, id)));
    return made;
}

Propose Adversary::sign(std::size_t node, Propose propose)
{
    propose.header.just_hash = justification_hash(propose.justification);
    propose.signature = cluster_.node(node).signer->sign(
        cluster_.core(node).epoch().proposal_digest(propose.header.view, block_id(propose.header)));
    return propose;
}

void Adversary::spoil(Justification& justification)
{
    auto& skipped = justification.skipped;
    switch (random_() % 5) {
        case 0:
            if (!skipped.empty()) skipped.pop_back();
            break;
        case 1:
            if (!skipped.empty()) skipped.push_back(skipped.back());
            break;
        case 2:
            if (skipped.size() > 1) std::swap(skipped.front(), skipped.back());
            break;
        case 3:
            if (!skipped.empty() && !skipped.front().signatures.empty())
                skipped.front().signatures.front().bytes[0] ^= 1;
            break;
        default:
            if (justification.parent)
                justification.parent.reset();
            else
                justification.parent = Certificate{};
    }
}

void Adversary::equivocate(std::size_t node, const Propose& propose, const std::vector<PeerId>& to,
                           std::vector<Send>& sends)
{
    auto other = propose;
    other.header.time_ms.value += 1 + random_() % 3;
    if (chance(20)) other.header.state_root.bytes[5] ^= 1;
    if (habits_[node].spoils && chance(50)) spoil(other.justification);
    other = sign(node, std::move(other));
    blocks_[propose.header.view].push_back(block_id(other.header));
    std::vector<PeerId> one, two;
    for (const auto peer : to) {
        const auto draw = random_() % 10;
        if (draw < 5 || draw == 9) one.push_back(peer);
        if (draw >= 5) two.push_back(peer);
    }
    if (!one.empty()) sends.push_back({one, propose});
    if (!two.empty()) sends.push_back({two, other});
}

void Adversary::change(std::size_t node, Output& output)
{
    if (is_calm_) return;
    const auto& habits = habits_.at(node);
    std::vector<Send> sends;
    for (auto& send : output.sends) {
        if (habits.is_silent && chance(70)) continue;
        auto to = habits.splits && chance(60) ? some(send.to) : send.to;
        if (const auto* propose = std::get_if<Propose>(&send.message)) {
            blocks_[propose->header.view].push_back(block_id(propose->header));
            if (habits.equivocates && propose->header.proposer == index_of(node)) {
                equivocate(node, *propose, send.to, sends);
                continue;
            }
        }
        const bool is_certificate = std::holds_alternative<Certificate>(send.message) ||
                                    std::holds_alternative<Certs>(send.message) ||
                                    std::holds_alternative<EpochProof>(send.message);
        if (is_certificate && habits.keeps_certificates) {
            if (chance(70)) continue;
            to.resize(std::min<std::size_t>(to.size(), 1));
        }
        if (const auto* own = std::get_if<Vote>(&send.message); own && habits.votes_twice) {
            const auto base = *own;
            auto ids = blocks_[base.view];
            ids.push_back(base.id);
            const auto id = ids[random_() % ids.size()];
            if (index_of(node)) {
                for (const auto kind : {VoteKind::notarize, VoteKind::finalize})
                    if (!id.is_zero() && chance(50)) {
                        auto peers = some(send.to);
                        if (!peers.empty())
                            sends.push_back({peers, vote(node, kind, base.view, id)});
                    }
                if (chance(40)) {
                    auto peers = some(send.to);
                    if (!peers.empty())
                        sends.push_back({peers, vote(node, VoteKind::nullify, base.view, {})});
                }
            }
        }
        if (!to.empty()) sends.push_back({std::move(to), send.message});
    }
    output.sends = std::move(sends);
    while (blocks_.size() > 50) blocks_.erase(blocks_.begin());
}

void Adversary::overhear(const Output& output)
{
    for (const auto& send : output.sends) {
        if (const auto* propose = std::get_if<Propose>(&send.message))
            blocks_[propose->header.view].push_back(block_id(propose->header));
        if (random_() % 8 == 0) heard_.push_back(send.message);
        if (heard_.size() > 100) heard_.pop_front();
    }
}

void Adversary::stir()
{
    for (const auto node : nodes_) {
        if (!cluster_.node(node).core || !index_of(node)) continue;
        const auto current = cluster_.core(node).current();
        const auto peers = everybody(node);
        if (is_calm_) {
            for (const auto peer : peers)
                cluster_.inject(node, peer.value, vote(node, VoteKind::nullify, current, {}));
            continue;
        }
        const auto& habits = habits_.at(node);
        const auto to = peers[random_() % peers.size()].value;
        if (habits.floods) {
            const auto view = current + random_() % 140 > 70 ? current + random_() % 140 - 70 : 1;
            BlockId id;
            id.bytes[0] = static_cast<std::uint8_t>(random_() % 3 + 1);
            cluster_.inject(node, to, vote(node, VoteKind::nullify, view, {}));
            cluster_.inject(node, to, vote(node, VoteKind::notarize, view, id));
            cluster_.inject(node, to, vote(node, VoteKind::finalize, view, id));
            cluster_.inject(node, to, GetCerts{cluster_.core(node).epoch().number(), 0, ~View{0}});
            cluster_.inject(node, to, GetBlocks{{random_() % 10}});
            cluster_.inject(node, to, GetBody{id});
        }
        if (habits.lies) {
            Status status{cluster_.core(node).epoch().number() + random_() % 2,
                          {1'000'000},
                          random_() % 1'000,
                          {},
                          current + random_() % 1'000,
                          chance(50)};
            cluster_.inject(node, to, status);
        }
        if (!heard_.empty() && chance(50))
            cluster_.inject(node, to, heard_[random_() % heard_.size()]);
    }
}

}  // namespace sim
