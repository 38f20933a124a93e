#include "market/rules/host_rules.hpp"
#include "market/rules/text.hpp"

namespace market {
namespace {

/// Locks or returns the byte deposit for the difference between the two records.
Verdict put_host(State& state, const Context& context, const std::optional<Host>& before, Host host)
{
    const auto was = before ? entry_bytes(context.sender, *before) : 0;
    const auto is = entry_bytes(context.sender, host);
    if (is > was) {
        const auto locked = lock_deposit(state, context, context.sender, is - was);
        if (!locked) return locked.error();
        host.locked = host.locked + *locked;
    } else if (is < was) {
        const auto returned = *context.params().byte_deposit.times(was - is);
        unlock_deposit(state, context.sender, returned);
        host.locked = host.locked - returned;
    }
    state.put(context.sender, host);
    return {};
}

}  // namespace

Verdict apply(State& state, const Context& context, const HostRegister& message)
{
    if (!valid_endpoint(message.endpoint)) return Rejection::malformed_text;
    if (message.key.is_zero()) return Rejection::key_is_zero;
    const auto before = state.find<Host>(context.sender);
    auto host = before.value_or(Host{});
    if (host.unbond_end_ms != 0) return Rejection::host_is_unbonding;
    const auto bond = host.bond.plus(message.bond);
    if (!bond) return Rejection::insufficient_funds;
    if (*bond < context.params().min_bond) return Rejection::bond_too_small;

    if (const auto paid = debit(state, context.sender, message.bond); !paid) return paid;
    host.bond = *bond;
    host.endpoint = message.endpoint;
    if (const auto put = put_host(state, context, before, host); !put) return put;
    if (!key_active(state, context.sender, message.key))
        if (const auto added = add_host_key(state, context, message.key); !added) return added;

    if (!message.bond.is_zero()) context.emit(EventKind::bonded, context.sender, message.bond);
    context.emit(before ? EventKind::changed : EventKind::registered, context.sender);
    return {};
}

}  // namespace market
