#pragma once

#include "node/app/config.hpp"
#include "node/app/home.hpp"
#include "node/env/clock.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace node {

enum class Health {
    ok,
    warn,  ///< the node runs, and somebody should look at it
    fail,  ///< the node does not start, or does not earn, until it is put right
};
std::string_view to_text(Health);

/// One thing that was looked at.
struct Finding {
    Health health = Health::ok;
    std::string check;   ///< short name, stable
    std::string found;   ///< what is there
    std::string remedy;  ///< what to do; empty when all is well
};

/// Looks at everything a node needs: home and keys, configuration, genesis, disk, limits, clock,
/// inference library, bucket, models, ports, ledger, validator key and host account. Changes
/// nothing but what opening the ledger changes, and opens that only where no node runs; a running
/// node is asked over HTTP instead. Blocks for seconds at most, but for large models and for a
/// bucket that does not answer.
std::vector<Finding> examine(const Home&, const ledger::Result<Config>&, const Clock&);

/// The worst of them.
Health worst(const std::vector<Finding>&);

}  // namespace node
