#pragma once

#include "ledger/consensus/trusted_anchor.hpp"
#include "ledger/light/checkpoint.hpp"
#include "market/network.hpp"
#include "node/app/config.hpp"
#include "node/app/home.hpp"

#include <optional>

namespace node {

/// What `consensus.trustedCheckpoint` names; empty when it names nothing. Errors name the file:
/// one that is missing or no checkpoint of this network is no reason to go on without.
ledger::Result<std::optional<ledger::light::TrustedCheckpoint>> read_trusted_checkpoint(
    const Home&, const Config&, const market::Network&);

/// The block that has to be on the chain.
ledger::consensus::TrustedAnchor anchor_of(const ledger::light::TrustedCheckpoint&);

}  // namespace node
