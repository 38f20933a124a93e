#pragma once

#include "market/state/money.hpp"

#include <span>

namespace market {

/// Whether the sender and those who signed `digest` are k different members of the committee.
/// Who is no member is refused as a `stranger`.
Verdict check_approvals(const Context&, const ledger::Committee&, Rejection stranger,
                        const Hash& digest, std::span<const Signature> approvals);

}  // namespace market
