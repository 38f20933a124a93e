#include "market/rules/credit_rules.hpp"

namespace market {

Verdict apply(State& state, const Context& context, const AccountAdmit& message)
{
    const auto& terms = message.terms;
    if (const auto good = check_issuers(state, context, terms, message.approvals); !good)
        return good;
    if (terms.account.is_zero()) return Rejection::recipient_is_zero;

    auto admitted = state.get<Admitted>(terms.account);
    admitted.account_class = terms.account_class;
    admitted.bytes_per_day = terms.bytes_per_day;
    state.put(terms.account, admitted);
    state.put(terms.ref, UsedReference{context.now_ms()});
    context.emit(EventKind::admitted, terms.account, {}, terms.ref);
    return {};
}

}  // namespace market
