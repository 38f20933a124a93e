#pragma once

#include "tests/support/replica_cluster.hpp"

#include <set>
#include <string>

namespace sim {

/// Watches what honest nodes send, report as final and come back with, and judges it by itself: by
/// the frames, by what their stores hold, and by a second execution of the whole chain.
class NodeOracle {
public:
    NodeOracle(ReplicaCluster&, std::set<std::size_t> faulty);

    bool is_honest(std::size_t node) const { return !faulty_.contains(node); }
    void add_faulty(std::size_t node) { faulty_.insert(node); }

    /// I2, I7, and that every frame keeps to the bounds of its kind.
    void published(std::size_t node, const std::vector<ReplicaCluster::Frame>&);
    /// I1, I4, I5, I7, I11.
    void stepped(std::size_t node, const node::StepResult&);
    /// I6, I15: what it had reported is there, and nothing else.
    void restarted(std::size_t node);
    void blamed(std::size_t by, std::size_t peer, const std::string& what);

    /// I3 and I5: executes the chain of a node again from genesis.
    void check_chain(std::size_t node);
    /// I13: follows its seals and proves an account, and refuses the same proof of another value.
    void check_light_client(std::size_t node);

    /// Safety is not expected: more than a third of the power is faulty.
    bool expects_forks = false;
    bool has_fork() const { return has_fork_; }
    /// I8, once a fork was seen.
    void check_accountability();

    const std::string& failure() const { return failure_; }
    void fail(const std::string& what);
    std::size_t final_height() const { return chain_.size() - 1; }
    std::uint64_t light_proofs() const { return light_proofs_; }

private:
    void learn_epoch(std::size_t node);
    void see(std::size_t node, const Message&);
    void see_vote(std::size_t node, const Vote&);
    void see_certificate(const Certificate&);
    void see_justification(const Justification&);
    void see_block(std::size_t node, Height);
    void see_evidence(const Evidence&);
    void see_body(const BlockBody&);

    struct Votes {
        std::set<BlockId> notarized, finalized, proposed;
        bool nullified = false;
    };
    struct Certified {
        std::set<BlockId> notarized, finalized;
        bool nullified = false;
    };
    ReplicaCluster& cluster_;
    std::set<std::size_t> faulty_;
    std::map<std::uint64_t, std::vector<Epoch>> epochs_;  ///< one, but for forks
    std::map<std::tuple<ConsensusKey, std::uint64_t, View>, Votes> votes_;
    std::map<std::pair<std::uint64_t, View>, Certified> certified_;
    std::map<std::uint64_t, std::map<std::tuple<VoteKind, View, BlockId>, Certificate>>
        certificates_;
    std::vector<BlockId> chain_;
    std::map<std::pair<Address, Lane>, std::uint64_t> nonces_;  ///< next
    std::map<std::size_t, std::uint64_t> heights_;
    std::uint64_t light_proofs_ = 0;
    bool has_fork_ = false;
    std::string failure_;
};

}  // namespace sim
