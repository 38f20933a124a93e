#include "market/authorization.hpp"
#include "market/rules/transfer_rules.hpp"
#include "market/settlement.hpp"
#include "market/signing.hpp"
#include "market/state/money.hpp"

namespace market {

Verdict apply(State& state, const Context& context, const TransferWithAuth& auth)
{
    if (auth.value.is_zero()) return Rejection::amount_is_zero;
    if (auth.to.is_zero()) return Rejection::recipient_is_zero;
    if (!context.network.mints() && !state.has<Split>(auth.to)) return Rejection::not_transferable;
    if (const auto good = check_authorization(state, context, auth.from, auth.nonce,
                                              auth.valid_after, auth.valid_before);
        !good)
        return good;
    const auto digest = transfer_authorization_digest(context.network, auth);
    if (!signed_by(auth.from, digest, auth.signature)) return Rejection::wrong_signature;
    if (const auto taken = debit(state, auth.from, auth.value); !taken) return taken;

    spend_authorization(state, auth.from, auth.nonce, auth.valid_before, digest);
    context.emit(EventKind::transferred, auth.to, auth.value, auth.nonce);
    pay(state, context, auth.to, auth.value);
    return {};
}

}  // namespace market
