#include "market/rules/host_rules.hpp"
#include "market/rules/lasting.hpp"

#include <vector>

namespace market {

Verdict check_host_serves(const View& view, const Context& context, const Address& address)
{
    const auto host = view.find<Host>(address);
    if (!host) return Rejection::not_a_host;
    if (host->unbond_end_ms != 0) return Rejection::host_is_unbonding;
    if (host->bond < context.params().min_bond) return Rejection::bond_too_small;
    return {};
}

bool host_serves(const View& view, const Context& context, const Address& address)
{
    return check_host_serves(view, context, address).has_value();
}

bool host_may_claim(const View& view, const Context& context, const Address& address)
{
    const auto host = view.find<Host>(address);
    if (!host || host->bond < context.params().min_bond) return false;
    const auto last_windows = 2 * to_ms(context.params().w_disp_s);
    return host->unbond_end_ms == 0 || later(context.now_ms(), last_windows) <= host->unbond_end_ms;
}

Verdict apply(State& state, const Context& context, const HostUnbond&)
{
    auto host = state.find<Host>(context.sender);
    if (!host) return Rejection::not_a_host;
    if (host->unbond_end_ms != 0) return Rejection::host_is_unbonding;

    host->unbond_end_ms = later(context.now_ms(), to_ms(context.params().w_unbond_s));
    state.put(context.sender, *host);
    context.emit(EventKind::unbonding, context.sender, host->bond);
    return {};
}

Verdict apply(State& state, const Context& context, const HostUnbondFinal&)
{
    const auto host = state.find<Host>(context.sender);
    if (!host) return Rejection::not_a_host;
    if (host->unbond_end_ms == 0) return Rejection::host_not_unbonding;
    if (context.now_ms() < host->unbond_end_ms) return Rejection::unbonding_not_over;
    if (host->pending_claims != 0) return Rejection::claim_pending;

    std::vector<HostKeyId> keys;
    state.scan<HostKeyRecord>(context.sender.view(), [&](const auto& id, const auto&) {
        keys.push_back(id);
        return true;
    });
    for (const auto& id : keys) state.erase<HostKeyRecord>(id);
    state.erase<Host>(context.sender);
    unlock_deposit(state, context.sender, host->locked);
    credit(state, context.sender, host->bond);
    context.emit(EventKind::unbonded, context.sender, host->bond);
    return {};
}

}  // namespace market
