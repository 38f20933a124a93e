#include "market/label_rows.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"
#include "ledger/crypto/merkle.hpp"

#include <string_view>

namespace market {
namespace {

template <class Id>
Hash info(std::string_view tag, const Id& of, const Address& person)
{
    Bytes bytes(tag.begin(), tag.end());
    ledger::append(bytes, of.view());
    ledger::append(bytes, person.view());
    return ledger::sha256(bytes);
}

}  // namespace

Hash label_leaf(const LabelRow& row)
{
    return ledger::merkle_leaf(ledger::codec::encode(row));
}

Hash gold_leaf(const GoldLabel& gold)
{
    return ledger::merkle_leaf(ledger::codec::encode(gold));
}

Hash label_items_root(const std::vector<Hash>& items)
{
    ledger::MerkleBuilder tree;
    for (const auto& item : items) tree.append(ledger::merkle_leaf(item.view()));
    return tree.root();
}

Hash label_arbiter_info(const Hash& items_root, const Address& arbiter)
{
    return info("millrace/label-arbiter/v1", items_root, arbiter);
}

Hash label_hand_info(const LabelOrderId& order, const Address& annotator)
{
    return info("millrace/label-hand/v1", order, annotator);
}

Hash label_submit_info(const LabelOrderId& order, const Address& annotator)
{
    return info("millrace/label-submit/v1", order, annotator);
}

}  // namespace market
