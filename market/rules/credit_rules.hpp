#pragma once

#include "market/messages/credit.hpp"
#include "market/rules/approvals.hpp"

/// What the issuers of a credit network do, k of them together (market.md 6b).
namespace market {

Verdict apply(State&, const Context&, const CreditIssue&);
Verdict apply(State&, const Context&, const AccountAdmit&);
/// Only for a month that is over: what it holds then no longer grows.
Verdict apply(State&, const Context&, const StatementClose&);

/// What every act of the issuers must meet: the network is one of credit, they agree, and the
/// reference has not been used.
template <class Terms>
Verdict check_issuers(const View& view, const Context& context, const Terms& terms,
                      std::span<const Signature> approvals)
{
    if (context.network.mints()) return Rejection::only_in_a_credit_network;
    if (terms.ref.is_zero()) return Rejection::reference_is_zero;
    if (view.has<UsedReference>(terms.ref)) return Rejection::reference_used;
    return check_approvals(
        context, context.network.genesis.issuers, Rejection::not_an_issuer,
        ledger::eip712::digest(context.network.transactions, ledger::eip712::struct_hash(terms)),
        approvals);
}

}  // namespace market
