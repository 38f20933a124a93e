#pragma once

#include "tests/simulation/node_clients.hpp"
#include "tests/simulation/node_oracle.hpp"
#include "tests/simulation/node_plan.hpp"
#include "tests/simulation/node_scenario.hpp"

namespace sim {

/// FNV-1a over what is sent: cheap enough for every byte of every frame.
class Trace {
public:
    void add(std::uint64_t value)
    {
        for (int i = 0; i < 8; ++i) add_byte(static_cast<std::uint8_t>(value >> (8 * i)));
    }
    void add(ByteView bytes)
    {
        for (const auto byte : bytes) add_byte(byte);
    }
    Hash finish() const
    {
        Hash made;
        for (std::size_t i = 0; i < 8; ++i)
            made.bytes[i] = static_cast<std::uint8_t>(state_ >> (8 * i));
        return made;
    }

private:
    void add_byte(std::uint8_t byte) { state_ = (state_ ^ byte) * 0x100000001b3ull; }
    std::uint64_t state_ = 0xcbf29ce484222325ull;
};

/// One run of run_node_scenario: its network (node_scenario.cpp) and its faults (node_faults.cpp).
class NodeScenario {
public:
    NodeScenario(std::uint64_t seed, std::size_t validators)
        : random_{seed * 0x9e3779b97f4a7c15ull + 7},
          plan_{draw_node_plan(random_, validators)},
          cluster_{options(seed)},
          oracle_{cluster_, faulty_nodes()},
          adversary_{cluster_, liars(), seed, faults_},
          clients_{cluster_, seed, faults_}
    {
    }

    NodeResult run();

private:
    using End = ReplicaCluster::End;
    bool chance(unsigned percent) { return random_() % 100 < percent; }
    std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : random_() % n; }
    std::uint64_t during() { return below(plan_.chaos_ms); }
    std::size_t some_node() { return below(cluster_.size()); }
    void count(NodeFault fault) { ++faults_[static_cast<std::size_t>(fault)]; }
    void several(bool on, std::uint64_t most, const std::function<void()>& action);
    ReplicaClusterOptions options(std::uint64_t seed);
    std::set<std::size_t> faulty_nodes() const;
    std::set<std::size_t> liars() const;

    void watch();
    void plan_faults();
    void plan_crashes();
    void plan_disks();
    void plan_clocks();
    void plan_links();
    void plan_clients();
    void split();
    void come_back(std::size_t node, End how, std::uint64_t in_ms);
    void damage_log();
    void heal();
    void become_final();
    void stay_silent();
    void check_ends();
    void check_restarts();

    std::mt19937_64 random_;
    NodePlan plan_;
    NodeFaultCounts faults_{};
    ReplicaCluster cluster_;
    NodeOracle oracle_;
    NodeAdversary adversary_;
    NodeClients clients_;
    std::vector<std::size_t> side_;
    bool is_split_ = false;
    bool is_one_way_now_ = false;
    std::optional<std::size_t> damaged_;  ///< whose log will be, and whose key then is silent
    Trace trace_;
};

}  // namespace sim
