#pragma once

#include "tests/support/consensus_cluster.hpp"

#include <map>
#include <set>
#include <string>

namespace sim {

/// Watches everything honest nodes publish, and knows the invariants by itself: it shares no code
/// with what it judges but the encodings and the judge of evidence.
class Oracle {
public:
    Oracle(Cluster&, std::set<std::uint32_t> faulty_keys);

    /// Just before publishing.
    void published(std::size_t node, const Output&);
    /// A node came back with this.
    void restarted(std::size_t node, const Durable&);
    bool is_honest(std::size_t node) const { return !faulty_.contains(cluster_.node(node).who); }

    /// Safety is not expected: more than a third of the power is faulty.
    bool expects_forks = false;
    bool has_fork() const { return has_fork_; }
    /// I8, once a fork was seen.
    void check_accountability();

    const std::string& failure() const { return failure_; }
    void fail(const std::string& what);
    std::size_t final_height() const { return chain_.size() - 1; }

private:
    void see_vote(const Vote&);
    void see_proposal(const Header&);
    void see_certificate(const Certificate&);
    void see_justification(const Justification&);
    void see_commit(std::size_t node, const Commit&);
    void see_evidence(const Evidence&);

    struct Votes {
        std::set<BlockId> notarized, finalized, proposed;
        bool nullified = false;
    };
    struct Certified {
        std::set<BlockId> notarized, finalized;
        bool nullified = false;
    };
    Cluster& cluster_;
    std::set<std::uint32_t> faulty_;
    std::map<std::uint64_t, std::vector<Epoch>> epochs_;  ///< one, but for forks
    std::map<std::tuple<ConsensusKey, std::uint64_t, View>, Votes> votes_;
    std::map<std::pair<std::uint64_t, View>, Certified> certified_;
    std::map<std::uint64_t, std::map<std::tuple<VoteKind, View, BlockId>, Certificate>>
        certificates_;
    std::vector<Commit> chain_;
    std::set<WireId> transactions_;
    std::map<std::size_t, std::uint64_t> heights_;
    bool has_fork_ = false;
    std::string failure_;
};

}  // namespace sim
