#include "tests/support/consensus_puppets.hpp"

#include "ledger/chain/transaction.hpp"

#include <algorithm>

namespace sim {

Puppets::Puppets(std::size_t n, Index which)
    : real{which},
      set{sim_set(std::vector<std::uint64_t>(n, 1'000))},
      genesis{sim_genesis(set)},
      real_signer{signer(which)}
{
    restart(recover({0, genesis, set, genesis, {}}, {}, {}, {}));
}

void Puppets::restart(Durable durable)
{
    const auto commits = durable.commits;
    application = std::make_unique<SimApplication>(genesis, set);
    for (const auto& commit : commits) application->commit(commit);
    core = std::make_unique<Core>(times, std::move(durable), real_signer.get(), verifier,
                                  *application, 1, trusted);
    std::vector<Input> inputs;
    for (Index i = 0; i < set.size(); ++i)
        if (i != real) inputs.push_back(Connected{{i}, set[i].peer_key});
    // Enough of them say where they stand, so that the core need not wait any longer.
    for (Index i = 0; i < set.size(); ++i)
        if (i != real)
            inputs.push_back(Received{{i}, Status{core->epoch().number(), {0}, 0, {}, 1, false}});
    outputs.push_back(core->step(inputs, now));
    for (const auto& record : outputs.back().records) log.push_back(record);
}

Output Puppets::say(const std::vector<Message>& messages, std::size_t from)
{
    std::vector<Input> inputs;
    for (const auto& message : messages) {
        auto sender = from;
        if (const auto* vote = std::get_if<Vote>(&message); vote && from == ~std::size_t{0})
            sender = vote->voter;
        if (const auto* propose = std::get_if<Propose>(&message);
            propose && from == ~std::size_t{0})
            sender = propose->header.proposer;
        if (sender == ~std::size_t{0}) sender = (real + 1) % set.size();
        inputs.push_back(Received{{sender}, message});
    }
    outputs.push_back(core->step(inputs, now));
    for (const auto& record : outputs.back().records) log.push_back(record);
    return outputs.back();
}

Output Puppets::say(const Message& message, std::size_t from)
{
    return say(std::vector<Message>{message}, from);
}

Output Puppets::wait(std::uint64_t ms)
{
    now.steady_ms += ms;
    now.wall.value += ms;
    return say(std::vector<Message>{}, 0);
}

View Puppets::view_led_by(Index who, View least) const
{
    while (leader(least) != who) ++least;
    return least;
}

Index Puppets::other_than(std::initializer_list<Index> those) const
{
    for (Index i = 0; i < set.size(); ++i)
        if (std::find(those.begin(), those.end(), i) == those.end()) return i;
    return 0;
}

Vote Puppets::vote(Index voter, VoteKind kind, View view, const BlockId& id) const
{
    Vote made{kind, core->epoch().number(), view, id, voter, {}};
    made.signature = signer(voter)->sign(vote_digest(core->epoch().subject(kind, view, id)));
    return made;
}

Certificate Puppets::certificate(VoteKind kind, View view, const BlockId& id, bool with_real) const
{
    Certificate made{kind, core->epoch().number(), view, id, {}, {}};
    made.bitmap.assign((set.size() + 7) / 8, 0);
    for (Index i = 0; i < set.size(); ++i) {
        if (i == real && !with_real) continue;
        made.bitmap[i / 8] |= static_cast<std::uint8_t>(0x80 >> i % 8);
        made.signatures.push_back(vote(i, kind, view, id).signature);
    }
    return made;
}

void Puppets::sign(Block& block) const
{
    block.header.just_hash = justification_hash(block.justification);
    block.id = block_id(block.header);
    block.message.header = block.header;
    block.message.justification = block.justification;
    block.message.wire_ids.clear();
    for (const auto& transaction : block.body)
        block.message.wire_ids.push_back(wire_id(transaction));
    block.message.signature =
        signer(block.header.proposer)
            ->sign(core->epoch().proposal_digest(block.header.view, block.id));
}

Puppets::Block Puppets::block(View view, const Block* parent, const BlockBody& body,
                              std::uint64_t time_ms)
{
    const auto& parent_header = parent ? parent->header : genesis;
    Block made;
    made.body = body;
    auto& header = made.header;
    header.chain_id = genesis.chain_id;
    header.view = view;
    header.height = {parent_header.height.value + 1};
    header.parent_id = parent ? parent->id : block_id(genesis);
    header.parent_view = parent ? parent->header.view : 0;
    header.time_ms = {time_ms != 0 ? time_ms
                                   : std::max(now.wall.value, parent_header.time_ms.value + 1)};
    header.proposer = leader(view);
    header.valset_hash = core->epoch().set_hash();
    if (parent)
        made.justification.parent =
            certificate(VoteKind::notarize, parent->header.view, parent->id);
    for (auto skip = header.parent_view + 1; skip < view; ++skip)
        made.justification.skipped.push_back(certificate(VoteKind::nullify, skip));
    // An application like the core's fills in what the body leads to.
    SimApplication scratch{genesis, set};
    std::vector<Commit> path;
    for (auto at = made_.find(header.parent_id); at != made_.end();
         at = made_.find(at->second.block.header.parent_id))
        path.push_back(at->second);
    for (auto at = path.rbegin(); at != path.rend(); ++at) scratch.commit(*at);
    for (const auto& transaction : body) scratch.submit(transaction);
    scratch.transactions_per_block = body.size();
    const auto built = scratch.build(header);
    header = built->header;
    made.body = built->body;
    sign(made);
    made_[made.id] = {made.id, {header, {}, made.body}, {}};
    return made;
}

std::vector<Vote> sent_votes(const Output& output, VoteKind kind)
{
    std::vector<Vote> found;
    for (const auto& vote : sent<Vote>(output))
        if (vote.kind == kind) found.push_back(vote);
    return found;
}

}  // namespace sim
