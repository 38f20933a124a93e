#include "market/period.hpp"
#include "market/rules/credit_rules.hpp"

namespace market {

Verdict apply(State& state, const Context& context, const StatementClose& message)
{
    const auto& terms = message.terms;
    if (const auto good = check_issuers(state, context, terms, message.approvals); !good)
        return good;
    if (terms.period >= period_of(context.now)) return Rejection::period_not_over;
    const EarnedKey key{terms.account, terms.period};
    auto earned = state.get<Earned>(key);
    if (earned.amount.is_zero()) return Rejection::nothing_earned;
    if (!earned.closed_ref.is_zero()) return Rejection::already_closed;

    earned.closed_ref = terms.ref;
    earned.closed_ms = context.now_ms();
    state.put(key, earned);
    state.put(terms.ref, UsedReference{context.now_ms()});
    context.emit(EventKind::statement_closed, terms.account, earned.amount, terms.ref);
    return {};
}

}  // namespace market
