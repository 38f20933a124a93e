#include "market/rules/label_rules.hpp"
#include "market/rules/lasting.hpp"

namespace market {

Verdict apply(State& state, const Context& context, const LabelAppeal& message)
{
    auto found = label_case(state, message.order, context.sender, LabelWorkStatus::reviewed,
                            Rejection::work_not_reviewed);
    if (!found) return found.error();
    auto& [terms, key, work] = *found;
    if (context.now_ms() >= work.window_end_ms) return Rejection::window_over;

    const auto fee = terms.arbiter_fee;
    if (const auto paid = debit(state, context.sender, fee); !paid) return paid;
    work.status = LabelWorkStatus::appealed;
    work.appeal = fee;
    work.window_end_ms = later(context.now_ms(), terms.decide_ms);
    state.put(key, work);
    context.emit(EventKind::disputed, context.sender, fee, ledger::retag<Hash>(message.order));
    return {};
}

Verdict apply(State& state, const Context& context, const LabelDecide& message)
{
    auto found = label_case(state, message.order, message.annotator, LabelWorkStatus::appealed,
                            Rejection::work_not_appealed);
    if (!found) return found.error();
    auto& [terms, key, work] = *found;
    if (terms.arbiter != context.sender) return Rejection::not_the_arbiter;
    if (context.now_ms() >= work.window_end_ms) return Rejection::window_over;
    if (message.accepted < work.reviewed || message.accepted > work.labels)
        return Rejection::labels_out_of_bounds;

    const bool more = message.accepted > work.reviewed;
    if (message.owner_pays && !more) return Rejection::labels_out_of_bounds;

    work.decided_in = context.tx;
    context.emit(EventKind::judged, more ? message.annotator : terms.owner, {},
                 ledger::retag<Hash>(message.order));
    if (work.is_void && !more)
        fail_labels(state, context, *found);
    else
        pay_labels(state, context, *found, message.accepted,
                   message.owner_pays ? FeeOf::owner : FeeOf::annotator);
    return {};
}

}  // namespace market
