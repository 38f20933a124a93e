#include "ledger/crypto/secp256k1.hpp"
#include "market/rules/lasting.hpp"
#include "market/rules/sale_rules.hpp"

#include <array>

namespace market {
namespace {

/// t * G == K + Z: who knows z has k, and nobody else.
bool fits(const Scalar& t, const ledger::PublicKey& batch, const ledger::PublicKey& blind)
{
    const auto scalar = ledger::SecretKey::from_bytes(t.view());
    const auto sum = ledger::combine(std::array{batch, blind});
    return scalar && sum && ledger::public_key(*scalar) == *sum;
}

}  // namespace

Verdict apply(State& state, const Context& context, const DataRelease& message)
{
    auto sale = state.find<Sale>(message.sale);
    if (!sale) return Rejection::unknown_sale;
    const auto terms = state.get<OfferTerms>(sale->offer);
    if (terms.seller != context.sender) return Rejection::not_a_party;
    if (sale->status != SaleStatus::funded) return Rejection::sale_not_funded;
    auto keys = state.get<SaleKeys>(message.sale);
    if (message.t.size() != keys.points.size()) return Rejection::too_many_entries;
    for (std::size_t i = 0; i < message.t.size(); ++i)
        if (!fits(message.t[i], batch_of(state, terms, i).point, keys.points[i]))
            return Rejection::scalar_does_not_fit;

    keys.t = message.t;
    state.put(message.sale, keys);
    sale->status = SaleStatus::released;
    sale->released_ms = context.now_ms();
    sale->window_end_ms = later(context.now_ms(), to_ms(terms.offered.t_disp_s));
    sale->released_in = context.tx;
    state.put(message.sale, *sale);
    context.emit(EventKind::released, sale->buyer, {}, ledger::retag<Hash>(message.sale));
    return {};
}

}  // namespace market
