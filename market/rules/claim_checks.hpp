#pragma once

#include "market/context.hpp"
#include "market/state/state.hpp"

/// What every claim must pass, by voucher or by chain.
namespace market {

/// Bond, unbonding and key of the host that is paid.
Verdict check_claimant(const View&, const Context&, const Channel&, const Address& host);

/// On a line: at most 8 versions that were served, their amounts summing to `added`, named by the
/// host itself. Elsewhere none.
Verdict check_uses(const View&, const Context&, const std::vector<VersionUse>& uses, Amount added,
                   const Channel&, const Split&);

}  // namespace market
