#pragma once

#include "ledger/consensus/trusted_anchor.hpp"
#include "node/core/chain.hpp"

namespace node {

/// That a ledger leads through what the operator trusts, or has not come that far. `invalid` says
/// what is there instead; other errors are the store's. Reads the head and one seal, so that a
/// ledger without its old blocks is judged too.
Result<void> check_leads_through(const Chain&, const ledger::consensus::TrustedAnchor&);

}  // namespace node
