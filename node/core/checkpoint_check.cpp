#include "node/core/checkpoint_check.hpp"

namespace node {

using namespace ledger;

Result<void> check_leads_through(const Chain& chain, const consensus::TrustedAnchor& trusted)
{
    const auto refuse = [](const std::string& why) {
        return Error{ErrorKind::invalid,
                     "this ledger does not lead through the trusted checkpoint: " + why};
    };
    if (const auto why = trusted.contradicted_by(chain.head().header); !why.empty())
        return refuse(why);
    if (trusted.epoch == 0) return {};
    // Kept for good, also where the blocks of its epoch are not.
    const auto seal = chain.epoch_proof(trusted.epoch - 1);
    if (!seal) return seal.error();
    if (!*seal || (*seal)->path.empty()) return {};
    if (const auto why = trusted.contradicted_by((*seal)->path.front()); !why.empty())
        return refuse(why);
    return {};
}

}  // namespace node
