#pragma once

#include "market/messages/data.hpp"
#include "market/state/money.hpp"

/// What contributors of data do (market.md 6).
namespace market {

/// Pays what the sender's shares earned since it last drew; in a credit network to its statement.
Verdict apply(State&, const Context&, const DataClaim&);

}  // namespace market
