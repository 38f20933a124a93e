#include "market/rules/label_rules.hpp"
#include "market/settlement.hpp"

namespace market {
namespace {

void end_work(State& state, const Context& context, LabelCase& found, LabelWorkStatus status)
{
    auto& work = found.work;
    ledger::ensure(
        !work.ended() && work.bond.is_zero() && work.escrow.is_zero() && work.appeal.is_zero(),
        "work ends once, and holds nothing then");
    work.status = status;
    work.ended_ms = context.now_ms();
    state.put(found.key, work);
    context.emit(EventKind::ended, found.key.annotator, {}, ledger::retag<Hash>(found.key.order));
}

void give_back(State& state, const Context& context, const LabelCase& found, const Address& to,
               Amount amount)
{
    if (amount.is_zero()) return;
    credit(state, to, amount);
    context.emit(EventKind::refunded, to, amount, ledger::retag<Hash>(found.key.order));
}

}  // namespace

void return_bond(State& state, const Context& context, LabelCase& found)
{
    if (!found.work.bond.is_zero())
        context.emit(EventKind::unbonded, found.key.annotator, found.work.bond,
                     ledger::retag<Hash>(found.key.order));
    credit(state, found.key.annotator, found.work.bond);
    found.work.bond = {};
}

void slash_annotator(State& state, const Context& context, LabelCase& found)
{
    const auto subject = ledger::retag<Hash>(found.key.order);
    const auto bond = found.work.bond;
    if (bond.is_zero()) return;
    found.work.bond = {};
    const auto to_owner = bond.share_down(1, 2);
    burn(state, bond - to_owner);
    credit(state, found.terms.owner, to_owner);
    context.emit(EventKind::slashed, found.key.annotator, bond, subject);
    context.emit(EventKind::compensated, found.terms.owner, to_owner, subject);
}

void drop_labels(State& state, const Context& context, LabelCase& found, LabelWorkStatus status)
{
    auto seats = state.get<LabelSeats>(found.key.order);
    const auto escrow = found.work.escrow;
    found.work.escrow = {};
    --seats.open;
    const bool can_be_taken = seats.closed_ms == 0 && status != LabelWorkStatus::failed;
    if (can_be_taken) {
        ++seats.free;
        seats.escrow = seats.escrow + escrow;
    }
    state.put(found.key.order, seats);
    if (!can_be_taken) give_back(state, context, found, found.terms.owner, escrow);
    end_work(state, context, found, status);
}

void fail_labels(State& state, const Context& context, LabelCase& found)
{
    const auto fee = found.work.appeal;
    found.work.appeal = {};
    slash_annotator(state, context, found);
    drop_labels(state, context, found, LabelWorkStatus::failed);
    settle_work(state, context, found.terms.arbiter, fee, ledger::retag<Hash>(found.key.order));
}

void pay_labels(State& state, const Context& context, LabelCase& found, std::uint32_t accepted,
                FeeOf fee_of)
{
    auto& [terms, key, work] = found;
    const auto subject = ledger::retag<Hash>(key.order);
    const auto pay = terms.price.times(accepted);
    ledger::ensure(pay && accepted <= terms.items, "the escrow covers every label");
    auto left = work.escrow - *pay;
    auto appeal = work.appeal;
    const auto fee = fee_of == FeeOf::nobody ? Amount{} : terms.arbiter_fee;
    if (fee_of == FeeOf::owner) left = left - fee;
    if (fee_of == FeeOf::annotator) appeal = appeal - fee;
    work.escrow = {};
    work.appeal = {};
    work.accepted = accepted;

    auto seats = state.get<LabelSeats>(key.order);
    --seats.open;
    seats.accepted += accepted;
    state.put(key.order, seats);
    give_back(state, context, found, terms.owner, left);
    give_back(state, context, found, key.annotator, appeal);
    return_bond(state, context, found);
    end_work(state, context, found, LabelWorkStatus::paid);
    settle_work(state, context, key.annotator, *pay, subject);
    settle_work(state, context, terms.arbiter, fee, subject);
}

Verdict apply(State& state, const Context& context, const LabelTimeout& message)
{
    const auto terms = state.find<LabelTerms>(message.order);
    if (!terms) return Rejection::unknown_order;
    const LabelWorkKey key{message.order, message.annotator};
    const auto work = state.find<LabelWork>(key);
    if (!work) return Rejection::unknown_work;
    if (work->ended()) return Rejection::work_ended;
    if (context.now_ms() < work->window_end_ms) return Rejection::window_not_over;

    LabelCase found{*terms, key, *work};
    switch (found.work.status) {
        case LabelWorkStatus::taken:
            return_bond(state, context, found);
            drop_labels(state, context, found, LabelWorkStatus::unhanded);
            break;
        case LabelWorkStatus::handed:
            slash_annotator(state, context, found);
            drop_labels(state, context, found, LabelWorkStatus::lapsed);
            break;
        case LabelWorkStatus::reviewed:
            if (found.work.is_void)
                fail_labels(state, context, found);
            else
                pay_labels(state, context, found, found.work.reviewed, FeeOf::nobody);
            break;
        default:
            // Neither an owner that is silent nor the arbiter it chose may cost the annotator.
            pay_labels(state, context, found, found.work.labels, FeeOf::nobody);
    }
    return {};
}

}  // namespace market
