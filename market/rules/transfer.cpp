#include "market/rules/transfer_rules.hpp"
#include "market/settlement.hpp"
#include "market/state/money.hpp"

namespace market {

Verdict apply(State& state, const Context& context, const Transfer& transfer)
{
    if (!context.network.mints()) return Rejection::not_transferable;
    if (transfer.amount.is_zero()) return Rejection::amount_is_zero;
    if (transfer.to.is_zero()) return Rejection::recipient_is_zero;
    if (const auto taken = debit(state, context.sender, transfer.amount); !taken) return taken;
    context.emit(EventKind::transferred, transfer.to, transfer.amount);
    pay(state, context, transfer.to, transfer.amount);
    return {};
}

}  // namespace market
