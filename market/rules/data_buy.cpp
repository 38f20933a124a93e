#include "ledger/crypto/hpke.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "market/rules/lasting.hpp"
#include "market/rules/sale_rules.hpp"

#include <array>
#include <set>

namespace market {
namespace {

/// Points that a key can be released for: each on the curve, and none the batch's own negative.
Verdict check_points(const View& view, const OfferTerms& terms, const DataBuy& message)
{
    const auto& points = message.points;
    if (points.size() != terms.offered.batches.size()) return Rejection::too_many_entries;
    if (std::set(points.begin(), points.end()).size() != points.size())
        return Rejection::duplicate_entry;
    if (message.wrapped_z.size() !=
        ledger::hpke_overhead_bytes + points.size() * ledger::SecretKey::size)
        return Rejection::malformed_wrap;
    for (std::size_t i = 0; i < points.size(); ++i)
        if (!ledger::combine(std::array{batch_of(view, terms, i).point, points[i]}))
            return Rejection::malformed_key;
    return {};
}

}  // namespace

Batch batch_of(const View& view, const OfferTerms& terms, std::size_t place)
{
    auto batch = view.find<Batch>({terms.offered.dataset, terms.offered.batches.at(place)});
    ledger::ensure(batch.has_value(), "the batches of an offer are on the ledger for good");
    return std::move(*batch);
}

Verdict apply(State& state, const Context& context, const DataBuy& message)
{
    const auto terms = state.find<OfferTerms>(message.offer);
    if (!terms) return Rejection::unknown_offer;
    auto offer = state.get<Offer>(message.offer);
    if (offer.status != OfferStatus::listed) return Rejection::offer_closed;
    if (offer.open >= terms->offered.max_open) return Rejection::offer_full;
    if (message.price != terms->offered.price) return Rejection::price_not_the_offers;
    if (const auto good = check_points(state, *terms, message); !good) return good;

    Sale sale;
    sale.offer = message.offer;
    sale.buyer = context.sender;
    sale.price = message.price;
    sale.dispute_bond = message.price;
    sale.bought_ms = context.now_ms();
    sale.window_end_ms = later(context.now_ms(), to_ms(terms->offered.t_rel_s));
    const auto escrow = sale.price.plus(sale.dispute_bond);
    if (!escrow) return Rejection::insufficient_funds;
    if (const auto paid = debit(state, context.sender, *escrow); !paid) return paid;
    const auto id = ledger::retag<SaleId>(context.tx);
    if (const auto put = put_lasting(state, context, id, sale); !put) return put;
    // The deposit of the keys is for both halves: the seller shall not pay for releasing.
    SaleKeys keys{message.points, std::vector<Scalar>(message.points.size())};
    const auto locked = lock_deposit(state, context, context.sender, entry_bytes(id, keys));
    if (!locked) return locked.error();
    keys.t.clear();
    state.put(id, keys);
    ++offer.open;
    state.put(message.offer, offer);
    context.emit(EventKind::bought, context.sender, sale.price, ledger::retag<Hash>(message.offer));
    return {};
}

}  // namespace market
