#include "market/authorization.hpp"
#include "market/rules/transfer_rules.hpp"
#include "market/settlement.hpp"
#include "market/signing.hpp"
#include "market/state/money.hpp"

namespace market {

Verdict apply(State& state, const Context& context, const PermitSettle& permit)
{
    const auto& to = permit.witness.to;
    if (permit.actual.is_zero()) return Rejection::amount_is_zero;
    if (permit.actual > permit.permitted.amount) return Rejection::above_what_is_permitted;
    if (permit.permitted.token != context.network.genesis.asset.address)
        return Rejection::wrong_asset;
    if (permit.spender != upto_spender) return Rejection::wrong_spender;
    if (context.sender != permit.witness.facilitator) return Rejection::not_the_facilitator;
    if (to.is_zero()) return Rejection::recipient_is_zero;
    if (!context.network.mints() && !state.has<Split>(to)) return Rejection::not_transferable;
    if (const auto good = check_permit(state, context, permit.from, permit.nonce,
                                       permit.witness.valid_after, permit.deadline);
        !good)
        return good;
    const auto digest = permit_digest(context.network, permit);
    if (!signed_by(permit.from, digest, permit.signature)) return Rejection::wrong_signature;
    if (const auto taken = debit(state, permit.from, permit.actual); !taken) return taken;

    spend_permit(state, permit.from, permit.nonce, permit.deadline, digest);
    context.emit(EventKind::transferred, to, permit.actual, permit.nonce);
    pay(state, context, to, permit.actual);
    return {};
}

}  // namespace market
