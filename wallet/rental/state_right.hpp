#pragma once

#include "market/state/lease_records.hpp"

#include <optional>

namespace wallet::rental {

/// Whether somebody may be given the state before a segment, which is what the segment before it
/// ends with. A juror of that segment may; a verifier that is drawn for it, unless the segment
/// before is its own, too, and it has not yet said what that gave: it should come to that state
/// itself.
bool may_have_state(const ledger::Address& who, std::uint64_t segment,
                    const std::optional<market::Verification>& verification,
                    const std::optional<market::LeaseDispute>& dispute);

}  // namespace wallet::rental
