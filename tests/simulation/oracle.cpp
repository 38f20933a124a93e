#include "tests/simulation/oracle.hpp"

#include "ledger/chain/transaction.hpp"
#include "ledger/crypto/hash.hpp"

namespace sim {

Oracle::Oracle(Cluster& cluster, std::set<std::uint32_t> faulty_keys)
    : cluster_{cluster}, faulty_{std::move(faulty_keys)}
{
    const auto& genesis = cluster.node(0).application->finals().front();
    chain_.push_back(genesis);
    epochs_[0].push_back(cluster.core(0).epoch());
}

void Oracle::fail(const std::string& what)
{
    if (failure_.empty())
        failure_ = what + " (at " + std::to_string(cluster_.now_ms()) + " ms of virtual time)";
}

void Oracle::published(std::size_t node, const Output& output)
{
    if (!is_honest(node)) return;
    for (const auto& record : output.records) {
        if (const auto* vote = std::get_if<Vote>(&record)) see_vote(*vote);
        if (const auto* own = std::get_if<OwnProposal>(&record)) {
            see_proposal(own->message.header);
            see_justification(own->message.justification);
        }
        if (const auto* block = std::get_if<BlockData>(&record))
            if (block->justification) see_justification(*block->justification);
        if (const auto* certificate = std::get_if<Certificate>(&record))
            see_certificate(*certificate);
        if (const auto* start = std::get_if<EpochStart>(&record)) {
            auto& known = epochs_[start->number];
            bool is_new = true;
            for (const auto& epoch : known)
                is_new = is_new && epoch.anchor() != block_id(start->seal);
            if (is_new)
                known.emplace_back(start->seal.chain_id, start->number, block_id(start->seal),
                                   start->set);
        }
    }
    for (const auto& commit : output.commits) see_commit(node, commit);
    for (const auto& evidence : output.evidence) see_evidence(evidence);
    if (output.halt) {
        for (const auto& evidence : output.halt->evidence) see_evidence(evidence);
        if (!expects_forks) fail("an honest node stopped: " + output.halt->reason);
    }
    if (!output.misbehaved.empty())
        for (const auto& bad : output.misbehaved)
            if (is_honest(bad.peer.value)) fail("an honest node was blamed for " + bad.what);
    if (cluster_.core(node).kept() > 6'000) fail("I11: a node keeps too much in memory");
}

void Oracle::restarted(std::size_t node, const Durable& durable)
{
    if (!is_honest(node)) return;
    for (const auto& [key, vote] : durable.votes) see_vote(vote);
    for (const auto& [view, own] : durable.proposals) see_proposal(own.message.header);
    for (const auto& commit : durable.commits)
        if (commit.block.header.height.value > heights_[node]) see_commit(node, commit);
}

// I7: no honest node ever signs what E1 to E5 convict for.
void Oracle::see_vote(const Vote& vote)
{
    const auto& set = epochs_.at(vote.epoch).front().set();
    auto& mine = votes_[{set.at(vote.voter).consensus_key, vote.epoch, vote.view}];
    if (vote.kind == VoteKind::notarize) mine.notarized.insert(vote.id);
    if (vote.kind == VoteKind::finalize) mine.finalized.insert(vote.id);
    if (vote.kind == VoteKind::nullify) mine.nullified = true;
    if (mine.notarized.size() > 1) fail("I7: an honest node notarized twice in a view");
    if (mine.finalized.size() > 1) fail("I7: an honest node finalized twice in a view");
    if (mine.nullified && !mine.finalized.empty())
        fail("I7: an honest node nullified and finalized a view");
    if (!mine.finalized.empty() && mine.notarized != mine.finalized)
        fail("I7: an honest node finalized what it had not notarized");
}

void Oracle::see_proposal(const Header& header)
{
    const auto& set = epochs_.at(header.epoch).front().set();
    auto& mine = votes_[{set.at(header.proposer).consensus_key, header.epoch, header.view}];
    mine.proposed.insert(block_id(header));
    if (mine.proposed.size() > 1) fail("I7: an honest node proposed twice in a view");
}

// I2: F excludes X, N is unique, F implies the same N.
void Oracle::see_certificate(const Certificate& certificate)
{
    certificates_[certificate.epoch].try_emplace(
        {certificate.kind, certificate.view, certificate.id}, certificate);
    if (expects_forks) return;
    auto& view = certified_[{certificate.epoch, certificate.view}];
    if (certificate.kind == VoteKind::notarize) view.notarized.insert(certificate.id);
    if (certificate.kind == VoteKind::finalize) view.finalized.insert(certificate.id);
    if (certificate.kind == VoteKind::nullify) view.nullified = true;
    if (view.notarized.size() > 1) fail("I2: two blocks of a view are notarized");
    if (view.finalized.size() > 1) fail("I2: two blocks of a view are finalized");
    if (view.nullified && !view.finalized.empty()) fail("I2: a view is nullified and finalized");
    if (!view.finalized.empty() && !view.notarized.empty() && view.finalized != view.notarized)
        fail("I2: a block is final where another is notarized");
}

void Oracle::see_justification(const Justification& justification)
{
    if (justification.parent) see_certificate(*justification.parent);
    for (const auto& skip : justification.skipped) see_certificate(skip);
}

// I1 and I3: one chain, in order, whose blocks lead to the roots they name.
void Oracle::see_commit(std::size_t node, const Commit& commit)
{
    const auto& header = commit.block.header;
    auto& height = heights_[node];
    if (header.height.value != height + 1) return fail("I1: a node skipped a height");
    height = header.height.value;
    if (commit.block.justification) see_justification(*commit.block.justification);
    if (height < chain_.size()) {
        if (chain_[height].id == commit.id) return;
        has_fork_ = true;
        if (!expects_forks) fail("I1: two blocks are final at height " + std::to_string(height));
        return;
    }
    const auto& parent = chain_.back();
    if (header.parent_id != parent.id) {
        has_fork_ = true;
        if (!expects_forks) fail("I1: a final block does not extend the final chain");
        return;
    }
    if (block_id(header) != commit.id) fail("I3: a final block has another id");
    if (header.time_ms <= parent.block.header.time_ms && height > 1) fail("I3: time stands still");
    Sha256 state;
    state.update(parent.block.header.state_root.view());
    for (const auto& transaction : commit.block.body) {
        state.update(sha256(transaction).view());
        if (!transactions_.insert(wire_id(transaction)).second)
            fail("I4: a transaction is final twice");
    }
    if (state.finish() != header.state_root) fail("I3: a final block does not lead to its root");
    chain_.push_back(commit);
}

void Oracle::see_evidence(const Evidence& evidence)
{
    const auto number = evidence.votes.empty() ? evidence.proposals.front().header.epoch
                                               : evidence.votes.front().epoch;
    bool convicts = false;
    for (const auto& epoch : epochs_.at(number)) {
        const auto guilty = judge(evidence, epoch, cluster_.verifier());
        if (!guilty) continue;
        convicts = true;
        const auto& key = epoch.set()[*guilty].consensus_key;
        bool is_faulty = false;
        for (const auto who : faulty_) is_faulty = is_faulty || sim_consensus_key(who) == key;
        if (!is_faulty) fail("I7: evidence convicts an honest node");
    }
    if (!convicts) fail("evidence shows nothing");
}

void Oracle::check_accountability()
{
    if (!has_fork_) return;
    std::uint64_t most = 0;
    std::uint64_t needed = 0;
    for (const auto& [number, certificates] : certificates_)
        for (const auto& epoch : epochs_.at(number)) {
            std::vector<Certificate> all;
            for (const auto& [key, certificate] : certificates) all.push_back(certificate);
            std::set<Index> guilty;
            for (const auto& evidence : convict(all, epoch))
                if (const auto index = judge(evidence, epoch, cluster_.verifier())) {
                    see_evidence(evidence);
                    guilty.insert(*index);
                }
            std::uint64_t power = 0;
            for (const auto index : guilty) power += epoch.power(index);
            if (power >= most) {
                most = power;
                needed = 2 * epoch.quorum() - epoch.total();
            }
        }
    if (most < needed)
        fail("I8: a fork convicts " + std::to_string(most) + " of power, not " +
             std::to_string(needed));
}

}  // namespace sim
