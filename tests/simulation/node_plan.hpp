#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace sim {

/// Which faults a seed turns on, each with probability one half where the network allows it.
struct NodePlan {
    std::size_t n = 4;
    std::size_t followers = 0;
    std::size_t faulty = 0;  ///< the first of the validators
    bool has_twin = false;   ///< of the first validator, in place of lies
    bool is_too_many = false;
    bool has_real_signatures = false;
    bool loses = false, duplicates = false, is_slow = false, partitions = false, is_one_way = false,
         breaks_links = false;
    bool kills = false, cuts_power = false, cuts_at_steps = false, kills_all = false;
    bool has_disk_errors = false, has_store_errors = false, damages_log = false;
    bool pauses = false, syncs_slowly = false, skews = false, jumps = false, drifts = false;
    bool changes_sets = false, floods = false;
    std::uint64_t chaos_ms = 10'000;
    std::uint32_t acts = 20;

    std::string text() const;
};

NodePlan draw_node_plan(std::mt19937_64&, std::size_t validators);

}  // namespace sim
