#pragma once

#include "node/app/config.hpp"

#include <functional>
#include <string>
#include <vector>

namespace node {

/// Which members of a configuration that was read again took effect.
struct ReloadReport {
    std::vector<std::string> applied;      ///< dotted names, as config.json has them
    std::vector<std::string> for_restart;  ///< differ from what is in force, and were left
};

/// Members that differ, by their dotted names; a list counts as one member.
std::vector<std::string> changed_members(const Config& before, const Config& after);

/// Sorts what differs into what a running node can take over and what needs a restart.
ReloadReport sort_changes(const Config& in_force, const Config& wanted);

/// `in_force` with the members of `wanted` that a running node can take over.
Config take_over(Config in_force, const Config& wanted);

/// Reads the configuration as at the start: file, environment, flags.
using ReadConfig = std::function<ledger::Result<Config>()>;

}  // namespace node
