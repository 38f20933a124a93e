#pragma once

#include "market/messages/data.hpp"
#include "market/network.hpp"

namespace market {

/// What the device signs of a contribution on this network (`sealing::contribution_digest`).
Hash contribution_digest(const Network&, const DataContribute&);

}  // namespace market
