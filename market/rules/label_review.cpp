#include "ledger/crypto/merkle.hpp"
#include "market/label_rows.hpp"
#include "market/rules/data_rules.hpp"
#include "market/rules/label_rules.hpp"
#include "market/rules/lasting.hpp"

namespace market {
namespace {

/// The owner says to know better, and had said so beforehand.
Verdict check_error(const LabelCase& found, const LabelError& error)
{
    const auto& terms = found.terms;
    if (error.gold_path.size() > DataLimits::path || error.path.size() > DataLimits::path)
        return Rejection::too_many_entries;
    const auto gold = gold_leaf({error.item, error.gold_label, error.gold_salt});
    if (!ledger::merkle_verify(terms.gold_root, gold, error.place, terms.gold, error.gold_path))
        return Rejection::row_not_of_the_root;
    const auto row = label_leaf({error.item, error.label, error.confidence, error.salt});
    if (!ledger::merkle_verify(found.work.root, row, error.item, terms.items, error.path))
        return Rejection::row_not_of_the_root;
    if (error.gold_label >= terms.classes) return Rejection::labels_out_of_bounds;
    if (error.label == no_label || error.label == error.gold_label) return Rejection::label_is_gold;
    return {};
}

/// Enough of them, no item twice.
Verdict check_errors(const LabelCase& found, const LabelReview& message)
{
    const auto& errors = message.errors;
    if (errors.empty()) return {};
    if (!message.is_void || found.terms.gold == 0 ||
        errors.size() != std::size_t{found.terms.gold_errors} + 1)
        return Rejection::gold_not_failed;
    for (std::size_t i = 0; i < errors.size(); ++i) {
        if (i > 0 && errors[i].item <= errors[i - 1].item) return Rejection::duplicate_entry;
        if (const auto good = check_error(found, errors[i]); !good) return good;
    }
    return {};
}

}  // namespace

Verdict apply(State& state, const Context& context, const LabelReview& message)
{
    auto found = label_case(state, message.order, message.annotator, LabelWorkStatus::submitted,
                            Rejection::work_not_submitted);
    if (!found) return found.error();
    auto& [terms, key, work] = *found;
    if (terms.owner != context.sender) return Rejection::not_the_owner;
    if (context.now_ms() >= work.window_end_ms) return Rejection::window_over;
    if (message.accepted > work.labels || (message.is_void && message.accepted != 0))
        return Rejection::labels_out_of_bounds;
    if (const auto good = check_errors(*found, message); !good) return good;

    const auto pay = terms.price.times(message.accepted);
    ledger::ensure(pay.has_value(), "a part of what was paid in is a number");
    context.emit(EventKind::reviewed, message.annotator, *pay, ledger::retag<Hash>(message.order));
    work.reviewed = message.accepted;
    work.is_void = message.is_void;
    if (message.accepted == work.labels) {
        pay_labels(state, context, *found, message.accepted, FeeOf::nobody);
        return {};
    }
    work.status = LabelWorkStatus::reviewed;
    work.window_end_ms = later(context.now_ms(), terms.appeal_ms);
    state.put(key, work);
    return {};
}

}  // namespace market
