#include "wallet/rental/state_right.hpp"

#include <algorithm>

namespace wallet::rental {

bool may_have_state(const ledger::Address& who, std::uint64_t segment,
                    const std::optional<market::Verification>& verification,
                    const std::optional<market::LeaseDispute>& dispute)
{
    if (dispute && dispute->segment == segment &&
        std::ranges::find(dispute->jurors, who, &market::Juror::account) != dispute->jurors.end())
        return true;
    if (!verification) return false;
    bool is_drawn = false;
    for (const auto& slot : verification->slots) {
        if (slot.verifier != who) continue;
        if (slot.segment + 1 == segment && !slot.reported) return false;
        is_drawn |= slot.segment == segment;
    }
    return is_drawn;
}

}  // namespace wallet::rental
