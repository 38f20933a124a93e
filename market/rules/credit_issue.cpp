#include "market/rules/credit_rules.hpp"

namespace market {

Verdict apply(State& state, const Context& context, const CreditIssue& message)
{
    const auto& terms = message.terms;
    if (const auto good = check_issuers(state, context, terms, message.approvals); !good)
        return good;
    if (terms.to.is_zero()) return Rejection::recipient_is_zero;
    if (terms.amount.is_zero()) return Rejection::amount_is_zero;
    // A split address never has a balance.
    if (state.has<Split>(terms.to)) return Rejection::not_transferable;
    auto supply = state.get<Supply>({});
    const auto issued = supply.issued.plus(terms.amount);
    if (!issued || !supply.genesis.plus(*issued)) return Rejection::supply_too_large;

    supply.issued = *issued;
    state.put({}, supply);
    state.put(terms.ref, UsedReference{context.now_ms()});
    credit(state, terms.to, terms.amount);
    context.emit(EventKind::issued, terms.to, terms.amount, terms.ref);
    return {};
}

}  // namespace market
