#pragma once

#include "ledger/chain/block.hpp"
#include "market/network.hpp"
#include "wallet/client/failure.hpp"

#include <memory>
#include <string_view>

namespace wallet {

using SharedNetwork = std::shared_ptr<const market::Network>;

/// Block 0 as it follows from the document.
ledger::Result<ledger::Header> genesis_block(const ledger::Genesis&);

/// The network that a genesis document describes. Its id is computed, not believed: the state of
/// block 0, its root and the header follow from the document alone.
Outcome<SharedNetwork> network_of(std::string_view genesis_json);

}  // namespace wallet
