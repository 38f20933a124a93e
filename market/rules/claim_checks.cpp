#include "market/rules/claim_checks.hpp"

#include "market/rules/channel_rules.hpp"
#include "market/rules/host_rules.hpp"
#include "market/settlement.hpp"

#include <algorithm>
#include <set>

namespace market {
namespace {

/// Every version named was the target of an alias and agreed with the host at some time since
/// the channel's last settled claim was made, or so shortly before that calls were charged after.
bool was_served(const View& view, const Split& split, Version ver, std::uint64_t claimed_ms)
{
    const auto since_ms = claimed_ms - std::min(claimed_ms, ChannelLimits::late_ms);
    if (!view.has<VersionRecord>({split.model, ver})) return false;
    const auto alias = view.find<AliasUse>({split.model, ver});
    if (!alias || (alias->aliases == 0 && alias->ended_ms < since_ms)) return false;
    const auto agreement = agreement_for(view, split.model, ver, split.host);
    return agreement && (agreement->until_ms == 0 || agreement->until_ms >= since_ms ||
                         agreement->lapsed_ms >= since_ms);
}
}  // namespace

Verdict check_uses(const View& view, const Context& context, const std::vector<VersionUse>& uses,
                   Amount added, const Channel& channel, const Split& split)
{
    if (split.ver != model_line) {
        if (!uses.empty()) return Rejection::uses_do_not_add_up;
        return {};
    }
    if (uses.size() > ChannelLimits::uses) return Rejection::too_many_entries;
    // x402's claim signature does not cover the uses, so no relay may choose them.
    if (context.sender != split.host && context.sender != channel.config.receiver_authorizer)
        return Rejection::uses_need_the_host;

    std::set<Version> seen;
    Amount sum;
    for (const auto& use : uses) {
        const auto more = sum.plus(use.amount);
        if (!more || use.amount.is_zero() || !seen.insert(use.ver).second)
            return Rejection::uses_do_not_add_up;
        sum = *more;
        if (!was_served(view, split, use.ver, channel.settled_ms)) return Rejection::use_not_served;
    }
    if (sum != added) return Rejection::uses_do_not_add_up;
    return {};
}

Verdict check_claimant(const View& view, const Context& context, const Channel& channel,
                       const Address& host_address)
{
    const auto host = view.find<Host>(host_address);
    if (!host) return Rejection::not_a_host;
    if (host->bond < context.params().min_bond) return Rejection::bond_too_small;
    const auto last_claim_ms = 2 * context.params().w_disp_s * 1000;
    if (host->unbond_end_ms != 0 && context.now_ms() + last_claim_ms > host->unbond_end_ms)
        return Rejection::host_is_unbonding;
    if (!key_was_active(view, host_address, channel.config.receiver_authorizer,
                        channel.opened_ms) ||
        !key_holds(view, context, host_address, channel.config.receiver_authorizer))
        return Rejection::authorizer_not_a_key_of_the_host;
    return {};
}

}  // namespace market
