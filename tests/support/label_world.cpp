#include "tests/support/label_world.hpp"

#include "ledger/crypto/merkle.hpp"

#include <algorithm>
#include <stdexcept>

namespace market {
namespace {

void accepted(Rejection outcome, std::string_view what)
{
    if (outcome != Rejection::none)
        throw std::runtime_error{std::string{what} + ": " +
                                 std::string{ledger::codec::enum_name(outcome)}};
}

std::vector<Hash> leaves_of(const std::vector<LabelRow>& rows)
{
    std::vector<Hash> leaves;
    for (const auto& row : rows) leaves.push_back(label_leaf(row));
    return leaves;
}

std::vector<Hash> leaves_of(const std::vector<GoldLabel>& gold)
{
    std::vector<Hash> leaves;
    for (const auto& label : gold) leaves.push_back(gold_leaf(label));
    return leaves;
}

ledger::X25519PublicKey box(std::uint8_t fill)
{
    ledger::X25519PublicKey key;
    key.bytes.fill(fill);
    return key;
}

}  // namespace

Hash LabelSheet::root() const
{
    return ledger::merkle_root(leaves_of(rows));
}

std::vector<Hash> LabelSheet::path(std::size_t item) const
{
    return ledger::merkle_path(leaves_of(rows), item);
}

std::uint32_t LabelSheet::labels() const
{
    return static_cast<std::uint32_t>(std::count_if(
        rows.begin(), rows.end(), [](const LabelRow& row) { return row.label != no_label; }));
}

LabelWorld::LabelWorld(ledger::AssetKind kind) : DataWorld{kind}
{
    for (const auto* name : {"dave", "judy"}) fund(name, 1'000'000);
    const auto id = make_dataset();
    for (const std::uint32_t item : {0U, 4U, 8U})
        gold_.push_back({item, 0, hash_of("gold " + std::to_string(item))});
    good_.dataset = id;
    good_.batches = {contribute(id, 1, seal_batch(id, "first", 1)),
                     contribute(id, 2, seal_batch(id, "second", 1))};
    good_.items = items;
    good_.items_root = hash_of("ten items");
    good_.classes = {"cat", "dog", "neither"};
    good_.question = "What is on the picture?";
    good_.gold = 3;
    good_.gold_root = ledger::merkle_root(leaves_of(gold_));
    good_.gold_errors = 1;
    good_.seats = 2;
    good_.price = Amount::micros(price);
    good_.bond = Amount::micros(bond);
    good_.owner_x25519 = box(1);
    good_.arbiter = address_of("judy");
    good_.arbiter_x25519 = box(2);
    good_.arbiter_wraps.resize(2);
    good_.arbiter_fee = Amount::micros(fee);
    good_.open_s = open_s;
    good_.work_s = work_s;
    good_.review_s = review_s;
    good_.appeal_s = appeal_s;
    good_.decide_s = decide_s;
}

LabelTake LabelWorld::taking(const LabelOrderId& id)
{
    return {id, box(3)};
}

LabelHand LabelWorld::handing(const LabelOrderId& id, std::string_view annotator)
{
    return {id, address_of(annotator), {{}, {}}};
}

LabelSheet LabelWorld::sheet(std::uint32_t label, std::uint32_t first)
{
    LabelSheet made;
    for (std::uint32_t i = 0; i < items; ++i)
        made.rows.push_back(
            {i, i < first ? no_label : label, 90, hash_of("row " + std::to_string(i))});
    return made;
}

LabelSubmit LabelWorld::submission(const LabelOrderId& id, const LabelSheet& sheet)
{
    return {id, sheet.labels(), sheet.root(), Bytes(32 + 3 * items + 16), {}, {}};
}

LabelReview LabelWorld::review(const LabelOrderId& id, std::string_view annotator,
                               std::uint32_t count)
{
    return {id, address_of(annotator), count, false, {}};
}

LabelReview LabelWorld::void_review(const LabelOrderId& id, std::string_view annotator,
                                    std::vector<LabelError> errors)
{
    return {id, address_of(annotator), 0, true, std::move(errors)};
}

LabelError LabelWorld::error(const LabelSheet& sheet, std::uint32_t place) const
{
    const auto& gold = gold_.at(place);
    const auto& row = sheet.rows.at(gold.item);
    return {gold.item,
            place,
            gold.label,
            gold.salt,
            ledger::merkle_path(leaves_of(gold_), place),
            row.label,
            row.confidence,
            row.salt,
            sheet.path(gold.item)};
}

LabelOrderId LabelWorld::order()
{
    return order(good_);
}

LabelOrderId LabelWorld::order(const LabelOrder& message)
{
    const auto id = order_alone(message);
    accepted(apply("judy", LabelAgree{id}), "LabelAgree");
    return id;
}

LabelOrderId LabelWorld::order_alone(const LabelOrder& message)
{
    accepted(apply("alice", message), "LabelOrder");
    return ledger::retag<LabelOrderId>(last_tx());
}

void LabelWorld::take(const LabelOrderId& id, std::string_view annotator)
{
    accepted(apply(annotator, taking(id)), "LabelTake");
}

void LabelWorld::begin(const LabelOrderId& id, std::string_view annotator)
{
    take(id, annotator);
    accepted(apply("alice", handing(id, annotator)), "LabelHand");
}

void LabelWorld::label(const LabelOrderId& id, std::string_view annotator, const LabelSheet& sheet)
{
    begin(id, annotator);
    accepted(apply(annotator, submission(id, sheet)), "LabelSubmit");
}

LabelWork LabelWorld::work(const LabelOrderId& id, std::string_view annotator) const
{
    return view().get<LabelWork>({id, address_of(annotator)});
}

Rejection LabelWorld::timeout(const LabelOrderId& id, std::string_view annotator)
{
    return apply("anyone", LabelTimeout{id, address_of(annotator)});
}

}  // namespace market
