#pragma once

#include "tests/support/consensus_cluster.hpp"

#include <deque>
#include <set>

namespace sim {

/// Drives the faulty nodes: each is an honest core whose words are changed on their way out, and
/// beside it things are said that no core would say. Which, the seed decides.
class Adversary {
public:
    Adversary(Cluster&, std::set<std::size_t> nodes, std::uint64_t seed);

    /// Changes what a faulty node is about to send.
    void change(std::size_t node, Output&);
    /// Remembers what others say, to say it again.
    void overhear(const Output&);
    /// Something out of nothing, now and then.
    void stir();
    /// From now on only votes to nullify, sent to an idle chain.
    void calm() { is_calm_ = true; }

private:
    bool chance(unsigned percent) { return random_() % 100 < percent; }
    std::vector<PeerId> some(const std::vector<PeerId>&);
    std::vector<PeerId> everybody(std::size_t but) const;
    std::optional<Index> index_of(std::size_t node);
    Vote vote(std::size_t node, VoteKind, View, const BlockId&);
    Propose sign(std::size_t node, Propose);
    void spoil(Justification&);
    void equivocate(std::size_t node, const Propose&, const std::vector<PeerId>& to,
                    std::vector<Send>& sends);

    Cluster& cluster_;
    std::set<std::size_t> nodes_;
    std::mt19937_64 random_;
    bool is_calm_ = false;
    struct Habits {
        bool equivocates, splits, votes_twice, keeps_certificates, spoils, is_silent, floods, lies;
    };
    std::map<std::size_t, Habits> habits_;
    std::map<View, std::vector<BlockId>> blocks_;  ///< seen in the view
    std::deque<Message> heard_;
};

}  // namespace sim
