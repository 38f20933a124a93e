#pragma once

#include "ledger/chain/block.hpp"
#include "ledger/chain/genesis.hpp"

namespace node {

/// Block 0 of a network: an empty body, the state the document describes, no certificate.
ledger::Header genesis_header(const ledger::Genesis&, const ledger::Hash& state_root);

/// The id that block 0 has, computed in memory from the document alone.
ledger::Result<ledger::BlockId> genesis_id(const ledger::Genesis&);

}  // namespace node
