#include "market/rules/sale_rules.hpp"
#include "market/settlement.hpp"

namespace market {
namespace {

/// Of no more use: what was blinded was never released, or the sale came to nothing.
void drop_keys(State& state, const Context& context, const SaleId& id, const Address& buyer)
{
    auto keys = state.get<SaleKeys>(id);
    keys.t.resize(keys.points.size());
    const auto deposit = context.params().byte_deposit.times(entry_bytes(id, keys));
    ledger::ensure(deposit.has_value(), "a deposit that was locked is a number");
    unlock_deposit(state, buyer, *deposit);
    state.erase<SaleKeys>(id);
}

}  // namespace

void end_sale(State& state, const Context& context, const SaleId& id, Sale& sale, SaleStatus status)
{
    const auto terms = state.get<OfferTerms>(sale.offer);
    const auto sale_bond = terms.offered.sale_bond;
    auto offer = state.get<Offer>(sale.offer);
    ledger::ensure(!sale.ended() && offer.open > 0, "an open sale ends once");
    --offer.open;
    offer.sold += status == SaleStatus::finalized ? 1 : 0;
    const bool slashed = status == SaleStatus::slashed;
    const bool closed = offer.status != OfferStatus::listed;
    if (slashed || closed) offer.bonds = offer.bonds - sale_bond;
    state.put(sale.offer, offer);
    if (closed && !slashed) {
        credit(state, terms.seller, sale_bond);
        context.emit(EventKind::unbonded, terms.seller, sale_bond, ledger::retag<Hash>(sale.offer));
    }
    if (status != SaleStatus::finalized) drop_keys(state, context, id, sale.buyer);
    sale.status = status;
    sale.ended_ms = context.now_ms();
    state.put(id, sale);
}

Verdict apply(State& state, const Context& context, const DataTimeout& message)
{
    auto sale = state.find<Sale>(message.sale);
    if (!sale) return Rejection::unknown_sale;
    if (sale->status != SaleStatus::funded) return Rejection::sale_not_funded;
    if (context.now_ms() < sale->window_end_ms) return Rejection::window_not_over;

    const auto escrow = sale->escrow();
    end_sale(state, context, message.sale, *sale, SaleStatus::refunded);
    credit(state, sale->buyer, escrow);
    context.emit(EventKind::refunded, sale->buyer, escrow, ledger::retag<Hash>(message.sale));
    return {};
}

Verdict apply(State& state, const Context& context, const DataFinalize& message)
{
    auto sale = state.find<Sale>(message.sale);
    if (!sale) return Rejection::unknown_sale;
    if (sale->status != SaleStatus::released) return Rejection::sale_not_released;
    if (context.now_ms() < sale->window_end_ms) return Rejection::window_not_over;

    end_sale(state, context, message.sale, *sale, SaleStatus::finalized);
    credit(state, sale->buyer, sale->dispute_bond);
    if (!sale->dispute_bond.is_zero())
        context.emit(EventKind::refunded, sale->buyer, sale->dispute_bond,
                     ledger::retag<Hash>(message.sale));
    settle_data(state, context, state.get<OfferTerms>(sale->offer).offered.dataset, sale->price);
    return {};
}

}  // namespace market
