#pragma once

#include "tests/support/consensus_cluster.hpp"

#include <string>

namespace sim {

struct ScenarioResult {
    std::string failure;  ///< empty when every invariant held
    std::string plan;     ///< what the seed had chosen
    EventCounts events{};
    Hash trace;  ///< of everything published, in order
    std::size_t final_blocks = 0;
    std::uint64_t epochs = 0;
    bool has_fork = false;
};

/// One network from its genesis through faults to silence; everything follows from the seed. With
/// `validators` 0 the seed chooses among 1, 2, 3, 4, 5, 7 and 10.
ScenarioResult run_scenario(std::uint64_t seed, std::size_t validators = 0);

}  // namespace sim
