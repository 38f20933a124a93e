#pragma once

#include "market/context.hpp"
#include "market/messages/transfer.hpp"
#include "market/state/state.hpp"

/// Each rule writes to a scratch state that is dropped when it refuses.
namespace market {

Verdict apply(State&, const Context&, const Transfer&);
Verdict apply(State&, const Context&, const TransferWithAuth&);
Verdict apply(State&, const Context&, const PermitSettle&);

}  // namespace market
