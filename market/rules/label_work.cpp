#include "ledger/sealing/chunk.hpp"
#include "market/rules/label_rules.hpp"
#include "market/rules/lasting.hpp"

#include <algorithm>

namespace market {
namespace {

Verdict may_take(const View& view, const Context& context, const LabelTerms& terms,
                 const LabelTake& message)
{
    if (terms.owner == context.sender) return Rejection::own_order;
    const auto seats = view.get<LabelSeats>(message.order);
    if (seats.closed_ms != 0) return Rejection::order_closed;
    if (context.now_ms() >= terms.open_until_ms) return Rejection::order_expired;
    if (seats.agreed_ms == 0) return Rejection::arbiter_not_agreed;
    if (view.has<LabelWork>({message.order, context.sender})) return Rejection::already_taken;
    if (seats.free == 0) return Rejection::no_seat;
    if (!can_be_sealed_to(message.annotator_x25519)) return Rejection::malformed_key;
    if (terms.arbiter == context.sender) return Rejection::not_invited;
    if (!terms.by_invitation) return {};
    const auto invited = view.get<LabelOrdered>(message.order).ordered.annotators;
    const bool is_invited =
        std::find(invited.begin(), invited.end(), context.sender) != invited.end();
    return is_invited ? Verdict{} : Rejection::not_invited;
}

}  // namespace

ledger::Result<LabelCase, Rejection> label_case(const View& view, const LabelOrderId& order,
                                                const Address& annotator, LabelWorkStatus status,
                                                Rejection otherwise)
{
    const auto terms = view.find<LabelTerms>(order);
    if (!terms) return Rejection::unknown_order;
    const LabelWorkKey key{order, annotator};
    const auto work = view.find<LabelWork>(key);
    if (!work) return Rejection::unknown_work;
    if (work->status != status) return otherwise;
    return LabelCase{*terms, key, *work};
}

Verdict apply(State& state, const Context& context, const LabelTake& message)
{
    const auto terms = state.find<LabelTerms>(message.order);
    if (!terms) return Rejection::unknown_order;
    if (const auto good = may_take(state, context, *terms, message); !good) return good;

    const auto cost = seat_cost(*terms);
    if (const auto paid = debit(state, context.sender, terms->bond); !paid) return paid;
    auto seats = state.get<LabelSeats>(message.order);
    --seats.free;
    ++seats.open;
    seats.escrow = seats.escrow - cost;
    state.put(message.order, seats);
    LabelWork work;
    work.annotator_x25519 = message.annotator_x25519;
    work.taken_ms = context.now_ms();
    work.window_end_ms = later(context.now_ms(), terms->review_ms);
    work.bond = terms->bond;
    work.escrow = cost;
    const LabelWorkKey key{message.order, context.sender};
    if (const auto put = put_lasting(state, context, key, work); !put) return put;
    context.emit(EventKind::taken, context.sender, work.bond, ledger::retag<Hash>(message.order));
    return {};
}

Verdict apply(State& state, const Context& context, const LabelHand& message)
{
    auto found = label_case(state, message.order, message.annotator, LabelWorkStatus::taken,
                            Rejection::work_not_taken);
    if (!found) return found.error();
    auto& [terms, key, work] = *found;
    if (terms.owner != context.sender) return Rejection::not_the_owner;
    if (context.now_ms() >= work.window_end_ms) return Rejection::window_over;
    if (message.wraps.size() != terms.batches) return Rejection::too_many_entries;

    work.status = LabelWorkStatus::handed;
    work.window_end_ms = later(context.now_ms(), terms.work_ms);
    work.handed_in = context.tx;
    state.put(key, work);
    context.emit(EventKind::handed, message.annotator, {}, ledger::retag<Hash>(message.order));
    return {};
}

Verdict apply(State& state, const Context& context, const LabelReturn& message)
{
    const auto terms = state.find<LabelTerms>(message.order);
    if (!terms) return Rejection::unknown_order;
    const LabelWorkKey key{message.order, context.sender};
    const auto work = state.find<LabelWork>(key);
    if (!work) return Rejection::unknown_work;
    if (work->status == LabelWorkStatus::handed) {
        const auto began_ms = work->window_end_ms - terms->work_ms;
        if (context.now_ms() >= later(began_ms, terms->work_ms / 4)) return Rejection::window_over;
    } else if (work->status != LabelWorkStatus::taken) {
        return Rejection::work_not_handed;
    }

    LabelCase found{*terms, key, *work};
    return_bond(state, context, found);
    drop_labels(state, context, found, LabelWorkStatus::returned);
    return {};
}

Verdict apply(State& state, const Context& context, const LabelSubmit& message)
{
    auto found = label_case(state, message.order, context.sender, LabelWorkStatus::handed,
                            Rejection::work_not_handed);
    if (!found) return found.error();
    auto& [terms, key, work] = *found;
    if (context.now_ms() >= work.window_end_ms) return Rejection::window_over;
    if (message.labels == 0 || message.labels > terms.items) return Rejection::labels_out_of_bounds;
    if (message.root.is_zero()) return Rejection::malformed_batch;
    constexpr std::size_t seed = 32, row = 3;
    const auto wanted = seed + row * terms.items + ledger::sealing::tag_bytes;
    if (message.sealed.size() != wanted) return Rejection::malformed_batch;

    work.status = LabelWorkStatus::submitted;
    work.window_end_ms = later(context.now_ms(), terms.review_ms);
    work.labels = message.labels;
    work.root = message.root;
    work.submitted_in = context.tx;
    state.put(key, work);
    context.emit(EventKind::committed, context.sender, {}, ledger::retag<Hash>(message.order));
    return {};
}

}  // namespace market
