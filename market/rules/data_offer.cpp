#include "market/rules/lasting.hpp"
#include "market/rules/sale_rules.hpp"

#include <algorithm>
#include <set>

namespace market {
namespace {

Verdict check_batches(const View& view, const DataOffer& message)
{
    if (message.batches.empty() || message.batches.size() > SaleLimits::batches)
        return Rejection::too_many_entries;
    std::set<BatchRef> seen;
    for (const auto& batch : message.batches) {
        if (!seen.insert(batch).second) return Rejection::duplicate_entry;
        if (!view.has<Batch>({message.dataset, batch})) return Rejection::unknown_batch;
    }
    return {};
}

/// Puts the network's window in place of 0; refuses what is shorter or far too long.
Verdict settle_window(std::uint64_t& seconds, std::uint64_t least_s)
{
    if (seconds == 0) seconds = least_s;
    if (seconds < least_s || seconds > std::max(least_s, SaleLimits::longest_window_s))
        return Rejection::window_out_of_bounds;
    return {};
}

}  // namespace

Verdict apply(State& state, const Context& context, const DataOffer& message)
{
    if (!state.has<DatasetRecord>(message.dataset)) return Rejection::unknown_dataset;
    if (state.get<Dataset>(message.dataset).owner != context.sender)
        return Rejection::not_the_owner;
    if (const auto good = check_batches(state, message); !good) return good;
    if (message.price.is_zero()) return Rejection::amount_is_zero;
    if (message.seller_x25519.is_zero()) return Rejection::key_is_zero;
    if (message.sale_bond < message.price) return Rejection::bond_too_small;
    if (message.max_open == 0) return Rejection::offer_full;
    OfferTerms terms{message, context.sender, context.now_ms()};
    for (const auto& [window, least] :
         {std::pair{&terms.offered.t_rel_s, context.params().t_rel_s},
          std::pair{&terms.offered.t_disp_s, context.params().t_disp_s}})
        if (const auto good = settle_window(*window, least); !good) return good;
    const auto bonds = message.sale_bond.times(message.max_open);
    if (!bonds) return Rejection::insufficient_funds;

    if (const auto paid = debit(state, context.sender, *bonds); !paid) return paid;
    const auto id = ledger::retag<OfferId>(context.tx);
    if (const auto put = put_lasting(state, context, id, terms); !put) return put;
    const Offer offer{OfferStatus::listed, 0, *bonds, 0, 0};
    if (const auto put = put_lasting(state, context, id, offer); !put) return put;
    const auto subject = ledger::retag<Hash>(id);
    context.emit(EventKind::bonded, context.sender, *bonds, subject);
    context.emit(EventKind::offered, context.sender, message.price, subject);
    return {};
}

void close_offer(State& state, const Context& context, const OfferId& id, OfferStatus status)
{
    auto offer = state.get<Offer>(id);
    ledger::ensure(offer.status == OfferStatus::listed, "an offer is closed once");
    const auto terms = state.get<OfferTerms>(id);
    const auto needed = terms.offered.sale_bond.times(offer.open);
    ledger::ensure(needed.has_value(), "the bonds of open sales are part of all bonds");
    const auto free = offer.bonds - *needed;
    offer.status = status;
    offer.bonds = *needed;
    offer.closed_ms = context.now_ms();
    state.put(id, offer);
    credit(state, terms.seller, free);
    context.emit(EventKind::offer_closed, terms.seller, free, ledger::retag<Hash>(id));
}

Verdict apply(State& state, const Context& context, const DataOfferWithdraw& message)
{
    const auto terms = state.find<OfferTerms>(message.offer);
    if (!terms) return Rejection::unknown_offer;
    if (terms->seller != context.sender) return Rejection::not_the_owner;
    if (state.get<Offer>(message.offer).status != OfferStatus::listed)
        return Rejection::offer_closed;
    close_offer(state, context, message.offer, OfferStatus::withdrawn);
    return {};
}

}  // namespace market
