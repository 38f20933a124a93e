#pragma once

#include "market/network.hpp"
#include "wallet/client/failure.hpp"

#include <memory>
#include <string_view>

namespace wallet {

using SharedNetwork = std::shared_ptr<const market::Network>;

/// The network that a genesis document describes. Its id is computed, not believed: the state of
/// block 0, its root and the header follow from the document alone.
Outcome<SharedNetwork> network_of(std::string_view genesis_json);

}  // namespace wallet
