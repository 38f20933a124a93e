#pragma once

#include "market/messages/credit.hpp"
#include "market/rules/approvals.hpp"

/// What the issuers of a credit network do, k of them together (market.md 6b).
namespace market {

Verdict apply(State&, const Context&, const CreditIssue&);
Verdict apply(State&, const Context&, const AccountAdmit&);
/// Only for a month that is over: what it holds then no longer grows.
Verdict apply(State&, const Context&, const StatementClose&);

/// What an account may still send today, in a block with this time.
struct Allowance {
    AccountClass account_class{};
    std::uint64_t bytes{};
};
/// Empty for an account that a credit network has not admitted, or has closed. Networks with a
/// coin let everybody send without end, and so do credit networks their issuers.
std::optional<Allowance> allowance(const View&, const Network&, const Address&, TimeMs now);

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
