#include "wallet/labels/gold.hpp"

#include "ledger/base/big_endian.hpp"
#include "ledger/crypto/hkdf.hpp"
#include "ledger/crypto/merkle.hpp"

namespace wallet {
namespace {

using ledger::Hash;

Hash salt_of(const ledger::SecretKey& owner, const Hash& items_root, std::uint32_t item)
{
    ledger::Bytes info;
    ledger::append(info, ledger::as_bytes("millrace/label-gold/v1"));
    ledger::append_big_endian(info, item);
    return Hash::of(ledger::hkdf_sha256(owner.view(), items_root.view(), info, Hash::size).view());
}

bool is_wrong(const market::GoldLabel& gold, const market::LabelRow& row)
{
    return row.label != market::no_label && row.label != gold.label;
}

std::vector<Hash> leaves_of(const std::vector<market::GoldLabel>& labels)
{
    std::vector<Hash> leaves;
    for (const auto& gold : labels) leaves.push_back(market::gold_leaf(gold));
    return leaves;
}

}  // namespace

Gold make_gold(const std::vector<Label>& labels, const ledger::SecretKey& owner,
               const Hash& items_root)
{
    Gold gold;
    for (std::uint32_t item = 0; item < labels.size(); ++item)
        if (labels[item].label != market::no_label)
            gold.labels.push_back({item, labels[item].label, salt_of(owner, items_root, item)});
    return gold;
}

Hash Gold::root() const
{
    return labels.empty() ? Hash{} : ledger::merkle_root(leaves_of(labels));
}

std::uint32_t Gold::wrong_in(const std::vector<market::LabelRow>& rows) const
{
    std::uint32_t count = 0;
    for (const auto& gold : labels) count += is_wrong(gold, rows.at(gold.item)) ? 1 : 0;
    return count;
}

std::vector<market::LabelError> Gold::errors_in(const std::vector<market::LabelRow>& rows,
                                                std::size_t count) const
{
    const auto gold_leaves = leaves_of(labels);
    std::vector<Hash> leaves;
    for (const auto& row : rows) leaves.push_back(market::label_leaf(row));
    std::vector<market::LabelError> errors;
    for (std::uint32_t place = 0; place < labels.size() && errors.size() < count; ++place) {
        const auto& gold = labels[place];
        const auto& row = rows.at(gold.item);
        if (!is_wrong(gold, row)) continue;
        errors.push_back({gold.item, place, gold.label, gold.salt,
                          ledger::merkle_path(gold_leaves, place), row.label, row.confidence,
                          row.salt, ledger::merkle_path(leaves, gold.item)});
    }
    return errors;
}

}  // namespace wallet
