#pragma once

#include "tests/simulation/node_adversary.hpp"

#include <string>

namespace sim {

struct NodeResult {
    std::string failure;  ///< empty when every invariant held
    std::string plan;     ///< what the seed had chosen
    EventCounts events{};
    NodeFaultCounts faults{};
    Hash trace;  ///< of everything sent, in order
    std::size_t final_blocks = 0;
    std::size_t transactions = 0;
    bool has_fork = false;
};

/// One network of whole nodes from its genesis through faults to silence; everything follows from
/// the seed. With `validators` 0 the seed chooses among 1, 2, 3, 4, 5 and 7.
NodeResult run_node_scenario(std::uint64_t seed, std::size_t validators = 0);

/// Rules that whole nodes need not reach: networks of bare cores do, in the same run.
bool is_of_cores_only(Event);

}  // namespace sim
