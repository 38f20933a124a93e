#include "tests/simulation/node_adversary.hpp"

#include "ledger/consensus/justification.hpp"
#include "node/core/consensus_frames.hpp"

namespace sim {

std::string_view node_fault_name(NodeFault fault)
{
    static constexpr std::array<std::string_view, node_fault_count> names{"loss",
                                                                          "duplicates",
                                                                          "slow_links",
                                                                          "partition",
                                                                          "one_way",
                                                                          "broken_link",
                                                                          "kill",
                                                                          "power_cut",
                                                                          "cut_at_disk_step",
                                                                          "kill_all",
                                                                          "disk_error",
                                                                          "disk_full",
                                                                          "store_error",
                                                                          "damaged_log",
                                                                          "pause",
                                                                          "slow_sync",
                                                                          "clock_offset",
                                                                          "clock_jump",
                                                                          "drift",
                                                                          "join",
                                                                          "leave",
                                                                          "power_change",
                                                                          "evidence_sent",
                                                                          "flood",
                                                                          "gap",
                                                                          "replacement",
                                                                          "double_spend",
                                                                          "repeated_transaction",
                                                                          "forged_transaction",
                                                                          "overdraft",
                                                                          "twin",
                                                                          "equivocation",
                                                                          "double_vote",
                                                                          "mutated",
                                                                          "replayed",
                                                                          "withheld",
                                                                          "garbage",
                                                                          "request_flood",
                                                                          "status_lie",
                                                                          "fork_of_too_many",
                                                                          "real_signatures",
                                                                          "epoch_ended"};
    return names[static_cast<std::size_t>(fault)];
}

NodeAdversary::NodeAdversary(ReplicaCluster& cluster, std::set<std::size_t> nodes,
                             std::uint64_t seed, NodeFaultCounts& counts)
    : cluster_{cluster}, nodes_{std::move(nodes)}, random_{seed}, counts_{counts}
{
    for (const auto node : nodes_)
        habits_[node] = {chance(50), chance(50), chance(40), chance(30), chance(40),
                         chance(50), chance(40), chance(40), chance(50)};
}

Bytes NodeAdversary::noise(std::size_t bytes)
{
    Bytes made(bytes);
    for (auto& byte : made) byte = static_cast<std::uint8_t>(random_());
    return made;
}

/// A vote of the same view that contradicts this one.
std::optional<NodeAdversary::Frame> NodeAdversary::other_vote(std::size_t node, const Frame& frame)
{
    const auto message = node::decode_consensus(frame.kind, *frame.payload);
    if (!message || !cluster_.is_up(node)) return {};
    auto vote = std::get<Vote>(*message);
    const auto& epoch = cluster_.replica(node).core().epoch();
    if (vote.epoch != epoch.number()) return {};
    vote.kind =
        vote.kind == VoteKind::finalize || chance(40) ? VoteKind::nullify : VoteKind::finalize;
    vote.id = {};
    if (vote.kind != VoteKind::nullify)
        vote.id.bytes[0] = static_cast<std::uint8_t>(1 + random_() % 3);
    vote.signature =
        cluster_.node(node).signer->sign(vote_digest(epoch.subject(vote.kind, vote.view, vote.id)));
    return Frame{frame.to, frame.kind, std::make_shared<const Bytes>(encode_message(vote))};
}

/// Another block for the same view, signed as well.
std::optional<NodeAdversary::Frame> NodeAdversary::other_proposal(std::size_t node,
                                                                  const Frame& frame)
{
    const auto message = node::decode_consensus(frame.kind, *frame.payload);
    if (!message || !cluster_.is_up(node)) return {};
    auto propose = std::get<Propose>(*message);
    const auto& epoch = cluster_.replica(node).core().epoch();
    if (propose.header.epoch != epoch.number()) return {};
    propose.header.time_ms.value += 1;
    if (chance(30)) propose.header.state_root.bytes[3] ^= 1;
    if (chance(20) && !propose.justification.skipped.empty())
        propose.justification.skipped.pop_back();
    propose.header.just_hash = justification_hash(propose.justification);
    propose.signature = cluster_.node(node).signer->sign(
        epoch.proposal_digest(propose.header.view, block_id(propose.header)));
    return Frame{frame.to, frame.kind, std::make_shared<const Bytes>(encode_message(propose))};
}

void NodeAdversary::change(std::size_t node, std::vector<Frame>& frames)
{
    if (is_calm_ || !habits_.contains(node)) return;
    const auto& habits = habits_.at(node);
    std::vector<Frame> sent;
    std::shared_ptr<const Bytes> original, replacement;
    for (auto& frame : frames) {
        const bool is_vote = frame.kind == node::message::vote;
        if ((habits.splits && is_vote && chance(40)) || (habits.withholds && chance(30))) {
            count(NodeFault::withheld);
            continue;
        }
        if (habits.equivocates && frame.kind == node::message::proposal) {
            // One other proposal, for half of those who get one.
            if (frame.payload != original) {
                original = frame.payload;
                const auto other = other_proposal(node, frame);
                replacement = other ? other->payload : nullptr;
            }
            if (replacement && chance(50)) {
                count(NodeFault::equivocation);
                frame.payload = replacement;
            }
        }
        if (habits.votes_twice && is_vote && chance(40))
            if (auto other = other_vote(node, frame)) {
                count(NodeFault::double_vote);
                sent.push_back(std::move(*other));
            }
        if (habits.mutates && chance(5) && !frame.payload->empty()) {
            auto bytes = *frame.payload;
            bytes[random_() % bytes.size()] ^= static_cast<std::uint8_t>(1u << random_() % 8);
            if (chance(20)) bytes.resize(random_() % bytes.size() + 1);
            frame.payload = std::make_shared<const Bytes>(std::move(bytes));
            count(NodeFault::mutated);
        }
        sent.push_back(std::move(frame));
    }
    frames = std::move(sent);
}

void NodeAdversary::overhear(const std::vector<Frame>& frames)
{
    if (nodes_.empty()) return;
    for (const auto& frame : frames)
        if (random_() % 16 == 0) heard_.push_back(frame);
    while (heard_.size() > 100) heard_.pop_front();
}

void NodeAdversary::tell(std::size_t from, std::size_t to, node::MessageKind kind, Bytes payload)
{
    cluster_.inject(from, {to, kind, std::make_shared<const Bytes>(std::move(payload))});
}

void NodeAdversary::tell(std::size_t from, std::size_t to, const Message& message)
{
    tell(from, to, node::kind_of(message), encode_message(message));
}

void NodeAdversary::stir()
{
    if (is_calm_) return;
    for (const auto node : nodes_) {
        if (!cluster_.is_up(node)) continue;
        const auto to = random_() % cluster_.size();
        if (to == node) continue;
        const auto& habits = habits_.at(node);
        const auto& core = cluster_.replica(node).core();
        const auto epoch = core.epoch().number();
        if (habits.replays && !heard_.empty()) {
            auto frame = heard_[random_() % heard_.size()];
            frame.to = to;
            cluster_.inject(node, frame);
            count(NodeFault::replayed);
        }
        if (habits.garbles) {
            const auto rules = node::message_rules();
            const auto& rule = rules[random_() % rules.size()];
            const auto most = std::min<std::size_t>(rule.most, 600);
            tell(node, to, rule.kind,
                 noise(std::max<std::size_t>(rule.least, random_() % (most + 1))));
            count(NodeFault::garbage);
        }
        if (habits.floods) {
            for (int i = 0; i < 20; ++i) {
                tell(node, to, GetCerts{epoch, 0, ~View{0}});
                tell(node, to, GetBlocks{{random_() % 10}});
                tell(node, to, GetBody{BlockId::of(noise(32))});
            }
            std::vector<WireId> ids(200);
            for (auto& id : ids) id.bytes[random_() % 32] = static_cast<std::uint8_t>(random_());
            tell(node, to, node::message::inventory, node::encode_ids(ids));
            tell(node, to, node::message::get_transactions, node::encode_ids(ids));
            count(NodeFault::request_flood);
        }
        if (habits.lies) {
            tell(node, to,
                 Status{epoch + random_() % 2,
                        {1'000'000},
                        random_() % 1'000,
                        {},
                        core.current() + random_() % 1'000,
                        chance(50)});
            count(NodeFault::status_lie);
        }
    }
}

}  // namespace sim
