#include "ledger/crypto/x25519.hpp"
#include "market/hash_chain.hpp"
#include "market/rules/label_rules.hpp"
#include "market/rules/lasting.hpp"
#include "market/rules/text.hpp"
#include "market/state/data_records.hpp"

#include <algorithm>
#include <bit>
#include <set>

namespace market {
namespace {

Verdict check_items(const View& view, const LabelOrder& order)
{
    if (order.batches.empty() || order.batches.size() > LabelLimits::batches)
        return Rejection::too_many_entries;
    std::set<BatchRef> seen;
    for (const auto& batch : order.batches) {
        if (!seen.insert(batch).second) return Rejection::duplicate_entry;
        if (!view.has<Batch>({order.dataset, batch})) return Rejection::unknown_batch;
    }
    if (order.items == 0 || order.items > LabelLimits::items) return Rejection::too_many_entries;
    if (order.items_root.is_zero()) return Rejection::malformed_order;
    if (order.picks.empty()) return {};
    if (order.picks.size() > LabelLimits::picks) return Rejection::too_many_entries;
    std::uint32_t picked = 0;
    for (const auto byte : order.picks) picked += static_cast<std::uint32_t>(std::popcount(byte));
    if (picked != order.items || order.picks.back() == 0) return Rejection::malformed_order;
    return {};
}

Verdict check_question(const LabelOrder& order)
{
    if (order.classes.size() < 2 || order.classes.size() > LabelLimits::classes)
        return Rejection::too_many_entries;
    std::set<std::string_view> names;
    for (const auto& name : order.classes) {
        if (name.empty() || !valid_text(name, LabelLimits::class_name))
            return Rejection::malformed_text;
        if (!names.insert(name).second) return Rejection::duplicate_entry;
    }
    if (!valid_text(order.question, LabelLimits::question)) return Rejection::malformed_text;
    return {};
}

Verdict check_gold(const LabelOrder& order)
{
    if (order.gold == 0) {
        const bool nothing = order.gold_root.is_zero() && order.gold_errors == 0;
        return nothing ? Verdict{} : Rejection::malformed_order;
    }
    if (order.gold_root.is_zero() || order.gold > order.items || order.gold_errors >= order.gold ||
        order.gold_errors >= LabelLimits::errors)
        return Rejection::malformed_order;
    return {};
}

Verdict check_people(const LabelOrder& order, const Address& owner)
{
    if (order.seats == 0 || order.seats > LabelLimits::seats ||
        order.annotators.size() > LabelLimits::annotators)
        return Rejection::too_many_entries;
    if (order.arbiter_wraps.size() != order.batches.size()) return Rejection::too_many_entries;
    std::set<Address> others{owner, order.arbiter};
    if (others.size() != 2 || order.arbiter.is_zero()) return Rejection::malformed_order;
    for (const auto& annotator : order.annotators)
        if (!others.insert(annotator).second) return Rejection::duplicate_entry;
    if (!order.annotators.empty() && order.annotators.size() < order.seats)
        return Rejection::malformed_order;
    if (!can_be_sealed_to(order.owner_x25519) || !can_be_sealed_to(order.arbiter_x25519))
        return Rejection::malformed_key;
    return {};
}

/// Puts the network's window in place of 0; refuses what is shorter or far too long.
Verdict settle_windows(LabelOrder& order, const ledger::Parameters& params)
{
    if (order.open_s == 0 || order.open_s > LabelLimits::longest_window_s)
        return Rejection::window_out_of_bounds;
    for (const auto& [window, least] :
         {std::pair{&order.work_s, params.t_rel_s}, std::pair{&order.review_s, params.t_disp_s},
          std::pair{&order.appeal_s, params.t_disp_s},
          std::pair{&order.decide_s, params.t_disp_s}}) {
        if (*window == 0) *window = least;
        if (*window < least || *window > std::max(least, LabelLimits::longest_window_s))
            return Rejection::window_out_of_bounds;
    }
    return {};
}

LabelTerms terms_of(const LabelOrder& order, const Address& owner, std::uint64_t now_ms)
{
    LabelTerms terms;
    terms.owner = owner;
    terms.arbiter = order.arbiter;
    terms.batches = static_cast<std::uint32_t>(order.batches.size());
    terms.items = order.items;
    terms.classes = static_cast<std::uint32_t>(order.classes.size());
    terms.gold = order.gold;
    terms.gold_errors = order.gold_errors;
    terms.seats = order.seats;
    terms.gold_root = order.gold_root;
    terms.by_invitation = !order.annotators.empty();
    terms.price = order.price;
    terms.bond = order.bond;
    terms.arbiter_fee = order.arbiter_fee;
    terms.open_until_ms = later(now_ms, to_ms(order.open_s));
    terms.work_ms = to_ms(order.work_s);
    terms.review_ms = to_ms(order.review_s);
    terms.appeal_ms = to_ms(order.appeal_s);
    terms.decide_ms = to_ms(order.decide_s);
    return terms;
}

}  // namespace

bool can_be_sealed_to(const ledger::X25519PublicKey& key)
{
    // Any scalar makes zeros of a point of small order, and of no other.
    static const auto scalar = ledger::X25519Key::from_bytes(ledger::Bytes(32, 0x42));
    return scalar && ledger::x25519(*scalar, key);
}

std::uint64_t label_work(const Message& message)
{
    // A key takes about as long as what one least fee pays for.
    constexpr std::uint64_t key = ChainLimits::hashes_per_fee;
    if (std::holds_alternative<LabelOrder>(message)) return 2 * key;
    if (std::holds_alternative<LabelTake>(message)) return key;
    const auto* review = std::get_if<LabelReview>(&message);
    std::uint64_t hashes = 0;
    if (review)
        for (const auto& error : review->errors)
            hashes += 4 + 2 * (error.path.size() + error.gold_path.size());
    return hashes;
}

std::optional<Amount> seat_cost(const LabelOrder& order)
{
    const auto labels = order.price.times(order.items);
    return labels ? labels->plus(order.arbiter_fee) : labels;
}

Amount seat_cost(const LabelTerms& terms)
{
    const auto labels = terms.price.times(terms.items);
    const auto cost = labels ? labels->plus(terms.arbiter_fee) : labels;
    ledger::ensure(cost.has_value(), "what was paid in is a number");
    return *cost;
}

Verdict apply(State& state, const Context& context, const LabelOrder& message)
{
    if (!state.has<DatasetRecord>(message.dataset)) return Rejection::unknown_dataset;
    if (state.get<Dataset>(message.dataset).owner != context.sender)
        return Rejection::not_the_owner;
    if (const auto good = check_items(state, message); !good) return good;
    if (const auto good = check_question(message); !good) return good;
    if (const auto good = check_gold(message); !good) return good;
    if (const auto good = check_people(message, context.sender); !good) return good;
    LabelOrdered ordered{message, context.sender, context.now_ms()};
    if (const auto good = settle_windows(ordered.ordered, context.params()); !good) return good;
    if (message.price.is_zero()) return Rejection::amount_is_zero;
    const auto labels = message.price.times(message.items);
    if (labels && message.arbiter_fee > *labels) return Rejection::fee_too_large;
    const auto seat = seat_cost(message);
    const auto escrow = seat ? seat->times(message.seats) : seat;
    if (!escrow) return Rejection::insufficient_funds;

    if (const auto paid = debit(state, context.sender, *escrow); !paid) return paid;
    const auto id = ledger::retag<LabelOrderId>(context.tx);
    if (const auto put = put_lasting(state, context, id, ordered); !put) return put;
    const auto terms = terms_of(ordered.ordered, context.sender, context.now_ms());
    if (const auto put = put_lasting(state, context, id, terms); !put) return put;
    const LabelSeats seats{message.seats, 0, 0, 0, 0, *escrow};
    if (const auto put = put_lasting(state, context, id, seats); !put) return put;
    context.emit(EventKind::ordered, context.sender, *escrow, ledger::retag<Hash>(id));
    return {};
}

Verdict apply(State& state, const Context& context, const LabelAgree& message)
{
    const auto terms = state.find<LabelTerms>(message.order);
    if (!terms) return Rejection::unknown_order;
    if (terms->arbiter != context.sender) return Rejection::not_the_arbiter;
    auto seats = state.get<LabelSeats>(message.order);
    if (seats.closed_ms != 0) return Rejection::order_closed;
    if (seats.agreed_ms != 0) return Rejection::already_agreed;
    seats.agreed_ms = context.now_ms();
    state.put(message.order, seats);
    context.emit(EventKind::agreed, context.sender, {}, ledger::retag<Hash>(message.order));
    return {};
}

Verdict apply(State& state, const Context& context, const LabelOrderClose& message)
{
    const auto terms = state.find<LabelTerms>(message.order);
    if (!terms) return Rejection::unknown_order;
    auto seats = state.get<LabelSeats>(message.order);
    if (seats.closed_ms != 0) return Rejection::order_closed;
    if (terms->owner != context.sender && context.now_ms() < terms->open_until_ms)
        return Rejection::window_not_over;

    const auto free = seats.escrow;
    seats.free = 0;
    seats.escrow = {};
    seats.closed_ms = context.now_ms();
    state.put(message.order, seats);
    credit(state, terms->owner, free);
    const auto subject = ledger::retag<Hash>(message.order);
    if (!free.is_zero()) context.emit(EventKind::refunded, terms->owner, free, subject);
    context.emit(EventKind::closed, terms->owner, {}, subject);
    return {};
}

}  // namespace market
