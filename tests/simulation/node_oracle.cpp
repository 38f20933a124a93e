#include "tests/simulation/node_oracle.hpp"

#include "ledger/chain/transaction.hpp"
#include "ledger/light/light_client.hpp"
#include "market/invariants.hpp"
#include "market/state/records.hpp"
#include "node/core/consensus_frames.hpp"
#include "node/core/verify.hpp"

namespace sim {
namespace {

constexpr std::size_t most_kept = 6'000;
constexpr std::size_t most_segments = 40;
constexpr std::uint64_t invariants_every = 8;

std::string name(std::size_t node)
{
    return "node " + std::to_string(node);
}

}  // namespace

NodeOracle::NodeOracle(ReplicaCluster& cluster, std::set<std::size_t> faulty)
    : cluster_{cluster}, faulty_{std::move(faulty)}
{
    chain_.push_back(cluster.network().genesis_id);
    for (std::size_t i = 0; i < cluster.size(); ++i) learn_epoch(i);
}

void NodeOracle::fail(const std::string& what)
{
    if (failure_.empty())
        failure_ = what + " (at " + std::to_string(cluster_.now_ms()) + " ms of virtual time)";
}

void NodeOracle::learn_epoch(std::size_t node)
{
    if (!cluster_.is_up(node)) return;
    const auto& epoch = cluster_.replica(node).core().epoch();
    // A step may end more than one epoch, and nobody is seen in those between.
    for (std::uint64_t number = 1; number < epoch.number(); ++number) {
        if (epochs_.contains(number)) continue;
        const auto proof = cluster_.chain(node).epoch_proof(number - 1);
        if (!proof || !*proof)
            return fail("I13: " + name(node) + " cannot prove how an epoch ended");
        const auto& seal = (*proof)->path.front();
        epochs_[number].emplace_back(seal.chain_id, number, block_id(seal), (*proof)->next);
    }
    auto& known = epochs_[epoch.number()];
    for (const auto& one : known)
        if (one.anchor() == epoch.anchor()) return;
    if (!known.empty()) {
        has_fork_ = true;
        if (!expects_forks)
            fail("I1: epoch " + std::to_string(epoch.number()) + " has another anchor at " +
                 name(node));
    }
    known.push_back(epoch);
}

void NodeOracle::published(std::size_t node, const std::vector<ReplicaCluster::Frame>& frames)
{
    if (!is_honest(node)) return;
    const Bytes* seen = nullptr;
    for (const auto& frame : frames) {
        if (frame.payload.get() == seen) continue;
        seen = frame.payload.get();
        const auto* rule = node::rule_of(frame.kind);
        if (rule == nullptr || seen->size() < rule->least || seen->size() > rule->most) {
            fail("I11: a frame is outside the bounds of its kind");
            continue;
        }
        if (!node::is_consensus(frame.kind)) continue;
        const auto message = node::decode_consensus(frame.kind, *seen);
        if (!message) {
            fail("an honest node sent what is no message: " + message.error().detail);
            continue;
        }
        see(node, *message);
    }
}

void NodeOracle::see(std::size_t node, const Message& message)
{
    if (const auto* vote = std::get_if<Vote>(&message)) see_vote(node, *vote);
    if (const auto* certificate = std::get_if<Certificate>(&message)) see_certificate(*certificate);
    if (const auto* evidence = std::get_if<Evidence>(&message)) see_evidence(*evidence);
    if (const auto* certs = std::get_if<Certs>(&message))
        for (const auto& certificate : certs->certificates) see_certificate(certificate);
    if (const auto* status = std::get_if<Status>(&message))
        if (status->finalized) see_certificate(*status->finalized);
    if (const auto* blocks = std::get_if<Blocks>(&message)) {
        see_certificate(blocks->finalized);
        for (const auto& block : blocks->blocks)
            if (block.justification) see_justification(*block.justification);
    }
    if (const auto* propose = std::get_if<Propose>(&message)) {
        see_justification(propose->justification);
        const auto& header = propose->header;
        const auto known = epochs_.find(header.epoch);
        if (known == epochs_.end()) return;
        const auto& key = known->second.front().set().at(header.proposer).consensus_key;
        auto& mine = votes_[{key, header.epoch, header.view}];
        if (key == cluster_.node(node).signer->key()) mine.proposed.insert(block_id(header));
        if (mine.proposed.size() > 1) fail("I7: an honest node proposed twice in a view");
    }
}

void NodeOracle::see_vote(std::size_t node, const Vote& vote)
{
    // Only what it says shows that it is there for good: a step that fell over the disk may have
    // taken it to an epoch that never was.
    if (!epochs_.contains(vote.epoch)) learn_epoch(node);
    const auto known = epochs_.find(vote.epoch);
    if (known == epochs_.end())
        return fail(name(node) + " votes in epoch " + std::to_string(vote.epoch) +
                    " that nobody is in; it is in " +
                    std::to_string(cluster_.replica(node).core().epoch().number()));
    const auto& key = known->second.front().set().at(vote.voter).consensus_key;
    if (key != cluster_.node(node).signer->key()) return;
    auto& mine = votes_[{key, vote.epoch, vote.view}];
    if (vote.kind == VoteKind::notarize) mine.notarized.insert(vote.id);
    if (vote.kind == VoteKind::finalize) mine.finalized.insert(vote.id);
    if (vote.kind == VoteKind::nullify) mine.nullified = true;
    if (mine.notarized.size() > 1) fail("I7: " + name(node) + " notarized twice in a view");
    if (mine.finalized.size() > 1) fail("I7: " + name(node) + " finalized twice in a view");
    if (mine.nullified && !mine.finalized.empty())
        fail("I7: " + name(node) + " nullified and finalized a view");
    if (!mine.finalized.empty() && !mine.notarized.empty() && mine.notarized != mine.finalized)
        fail("I7: " + name(node) + " finalized what it had not notarized");
}

void NodeOracle::see_certificate(const Certificate& certificate)
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

void NodeOracle::see_justification(const Justification& justification)
{
    if (justification.parent) see_certificate(*justification.parent);
    for (const auto& skip : justification.skipped) see_certificate(skip);
}

void NodeOracle::stepped(std::size_t node, const node::StepResult& result)
{
    if (!is_honest(node)) return;
    learn_epoch(node);
    for (const auto& block : result.blocks) {
        if (block.head.header.height.value != heights_[node] + 1)
            fail("I1: " + name(node) + " skipped a height");
        see_block(node, block.head.header.height);
    }
    for (const auto& evidence : result.evidence) see_evidence(evidence);
    auto& replica = cluster_.replica(node);
    if (replica.core().kept() > most_kept) fail("I11: " + name(node) + " keeps too much");
    const auto& limits = cluster_.options.limits.mempool;
    if (replica.mempool().size() > limits.transactions || replica.mempool().bytes() > limits.bytes)
        fail("I11: the pool of " + name(node) + " is beyond its bounds");
    if (cluster_.log(node).segment_count() > most_segments)
        fail("I11: the log of " + name(node) + " only grows");
}

/// A block that this node has as final, the first time or again after a loss of its store.
void NodeOracle::see_block(std::size_t node, Height height)
{
    heights_[node] = std::max(heights_[node], height.value);
    const auto stored = cluster_.chain(node).store().block(height);
    if (!stored) return fail("I6: " + name(node) + " has not what it called final");
    if (height.value < chain_.size()) {
        if (chain_[height.value] == stored->id) return;
        has_fork_ = true;
        if (!expects_forks)
            fail("I1: two blocks are final at height " + std::to_string(height.value));
        return;
    }
    const auto header = decode_header(stored->header);
    const auto body = decode_body(stored->body);
    if (!header || !body) return fail("I3: a final block cannot be read");
    if (header->parent_id != chain_.back()) {
        has_fork_ = true;
        if (!expects_forks) fail("I1: a final block does not extend the final chain");
        return;
    }
    chain_.push_back(stored->id);
    see_body(*body);
    if (height.value % invariants_every != 0) return;
    const auto broken =
        market::broken_invariants(market::View{cluster_.chain(node).state()}, cluster_.network());
    if (!broken.empty()) fail("I5: " + broken.front());
}

/// I4: the nonces of a lane are used one after the other, each once.
void NodeOracle::see_body(const BlockBody& body)
{
    for (const auto& encoded : body) {
        const auto& checked = cluster_.checked(encoded);
        if (!checked) return fail("I3: a final transaction is not signed by its sender");
        const auto& envelope = checked->envelope;
        auto& next = nonces_[{envelope.sender, envelope.lane}];
        if (envelope.nonce.value != next++) fail("I4: a nonce is used twice or skipped");
    }
}

void NodeOracle::restarted(std::size_t node)
{
    if (!is_honest(node)) return;
    learn_epoch(node);
    const auto& head = cluster_.chain(node).head();
    const auto height = head.header.height.value;
    // What a damaged log has lost comes back from peers.
    const bool is_whole = cluster_.node(node).trouble.empty();
    if (is_whole && height < heights_[node])
        fail("I15: " + name(node) + " came back with fewer final blocks than it had reported");
    if (!is_whole) heights_[node] = height;
    for (std::uint64_t h = 1; h <= height; ++h) see_block(node, {h});
}

void NodeOracle::blamed(std::size_t by, std::size_t peer, const std::string& what)
{
    if (is_honest(by) && is_honest(peer)) fail("an honest node was blamed for: " + what);
}

void NodeOracle::see_evidence(const Evidence& evidence)
{
    const auto number = evidence.votes.empty() ? evidence.proposals.front().header.epoch
                                               : evidence.votes.front().epoch;
    const auto known = epochs_.find(number);
    if (known == epochs_.end()) return;
    bool convicts = false;
    for (const auto& epoch : known->second) {
        const auto guilty = judge(evidence, epoch, cluster_.verifier());
        if (!guilty) continue;
        convicts = true;
        const auto& key = epoch.set()[*guilty].consensus_key;
        for (std::size_t i = 0; i < cluster_.size(); ++i)
            if (is_honest(i) && cluster_.node(i).signer->key() == key)
                fail("I7: evidence convicts " + name(i));
    }
    if (!convicts) fail("I7: evidence shows nothing");
}

void NodeOracle::check_chain(std::size_t node)
{
    const auto report = node::verify_chain(cluster_.network(), cluster_.chain(node).store(), {},
                                           cluster_.verifier());
    if (!report) return fail("I3: " + name(node) + ": " + report.error().detail);
    if (report->tip != cluster_.chain(node).head().id)
        fail("I3: " + name(node) + " stands elsewhere than its blocks lead");
}

void NodeOracle::check_light_client(std::size_t node)
{
    auto& chain = cluster_.chain(node);
    const auto& head = chain.head();
    const auto& genesis = cluster_.network().genesis;
    const auto block_0 = chain.store().block({0});
    const auto checkpoint = light::genesis_checkpoint(genesis, *decode_header(block_0->header));
    if (!checkpoint) return fail("I13: " + checkpoint.error().detail);
    auto client = light::LightClient::begin(*checkpoint, genesis.chain_id,
                                            cluster_.network().genesis_id, cluster_.verifier());
    if (!client) return fail("I13: " + client.error().detail);
    light::EpochProofs seals;
    for (std::uint64_t epoch = 0;; ++epoch) {
        const auto proof = chain.epoch_proof(epoch);
        if (!proof) return fail("I13: " + proof.error().detail);
        if (!*proof) break;
        seals.seals.push_back(**proof);
    }
    if (const auto done = client->follow(seals); !done)
        return fail("I13: seals of " + name(node) + ": " + done.error().detail);
    const auto stored = chain.store().block(head.header.height);
    const auto key = market::state_key<market::Account>(node::test_account(first_client));
    const auto siblings = chain.prove(key);
    if (!stored || !siblings) return fail("I13: no proof");
    light::StateProofAt proof{
        {head.header, {}, {}}, key, chain.state().get(key), encode(*siblings)};
    if (!stored->certificate.empty())
        proof.finality.certificate = *decode_certificate(stored->certificate);
    const bool is_known = client->knows(head.id);
    // The newest block of all is certified, but where a TAIL did that for a seal.
    if (!is_known && !proof.finality.certificate) return;
    if (const auto good = client->check(proof, key); !good)
        return fail("I13: " + name(node) + ": " + good.error().detail);
    ++light_proofs_;
    if (!proof.value) return;
    proof.value->back() ^= 1;
    if (client->check(proof, key)) fail("I13: a forged value is believed");
}

void NodeOracle::check_accountability()
{
    if (!has_fork_) return;
    std::uint64_t most = 0;
    std::uint64_t needed = 0;
    for (const auto& [number, certificates] : certificates_)
        for (const auto& epoch : epochs_[number]) {
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
            if (power < most) continue;
            most = power;
            needed = 2 * epoch.quorum() - epoch.total();
        }
    if (most < needed)
        fail("I8: a fork convicts " + std::to_string(most) + " of power, not " +
             std::to_string(needed));
}

}  // namespace sim
