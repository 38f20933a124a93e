#pragma once

#include "tests/support/replica_cluster.hpp"

#include <array>
#include <deque>
#include <map>
#include <set>
#include <string_view>

namespace sim {

/// What a whole-node run does to its network; counted, so that a fault that never happens shows.
enum class NodeFault : std::uint8_t {
    loss,
    duplicates,
    slow_links,
    partition,
    one_way,
    broken_link,
    kill,
    power_cut,
    cut_at_disk_step,
    kill_all,
    disk_error,
    disk_full,
    store_error,
    damaged_log,
    pause,
    slow_sync,
    clock_offset,
    clock_jump,
    drift,
    join,
    leave,
    power_change,
    evidence_sent,
    flood,
    gap,
    replacement,
    double_spend,
    repeated_transaction,
    forged_transaction,
    overdraft,
    twin,
    equivocation,
    double_vote,
    mutated,
    replayed,
    withheld,
    garbage,
    request_flood,
    status_lie,
    fork_of_too_many,
    real_signatures,
    epoch_ended,
    count_
};
constexpr std::size_t node_fault_count = static_cast<std::size_t>(NodeFault::count_);
using NodeFaultCounts = std::array<std::uint64_t, node_fault_count>;
std::string_view node_fault_name(NodeFault);

/// Faulty nodes run the same replica as everybody and lie about what comes out of it: on the bytes
/// of their frames, with the keys they have.
class NodeAdversary {
public:
    NodeAdversary(ReplicaCluster&, std::set<std::size_t> nodes, std::uint64_t seed,
                  NodeFaultCounts&);

    /// Changes what a faulty node is about to send.
    void change(std::size_t node, std::vector<ReplicaCluster::Frame>&);
    /// Remembers something of what others send, to send again.
    void overhear(const std::vector<ReplicaCluster::Frame>&);
    /// Says something unasked.
    void stir();
    /// From now on they do as the honest do.
    void calm() { is_calm_ = true; }

private:
    struct Habits {
        bool equivocates, votes_twice, splits, withholds, mutates, replays, garbles, floods, lies;
    };
    using Frame = ReplicaCluster::Frame;

    bool chance(unsigned percent) { return random_() % 100 < percent; }
    void count(NodeFault fault) { ++counts_[static_cast<std::size_t>(fault)]; }
    std::optional<Frame> other_vote(std::size_t node, const Frame&);
    std::optional<Frame> other_proposal(std::size_t node, const Frame&);
    void tell(std::size_t from, std::size_t to, const Message&);
    void tell(std::size_t from, std::size_t to, node::MessageKind, Bytes);
    Bytes noise(std::size_t bytes);

    ReplicaCluster& cluster_;
    std::set<std::size_t> nodes_;
    std::mt19937_64 random_;
    NodeFaultCounts& counts_;
    std::map<std::size_t, Habits> habits_;
    std::deque<Frame> heard_;
    bool is_calm_ = false;
};

}  // namespace sim
