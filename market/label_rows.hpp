#pragma once

#include "market/messages/label.hpp"

/// What labels are committed to with, on the ledger and off it.
namespace market {

/// An item without a label.
inline constexpr std::uint32_t no_label = 0xffff'ffff;

/// One row of a submission; there is one for each item, in their order.
struct LabelRow {
    std::uint32_t item{};
    std::uint32_t label = no_label;
    std::uint32_t confidence{};  ///< in hundredths, 0 where the annotator said none
    Hash salt;                   ///< hides the label from who sees the leaf
    friend bool operator==(const LabelRow&, const LabelRow&) = default;
};
MILLRACE_DESCRIBE(LabelRow, (item, label, confidence, salt))

/// A label that the owner knows beforehand.
struct GoldLabel {
    std::uint32_t item{};
    std::uint32_t label{};
    Hash salt;
    friend bool operator==(const GoldLabel&, const GoldLabel&) = default;
};
MILLRACE_DESCRIBE(GoldLabel, (item, label, salt))

/// RFC 6962 leaves of the canonical encodings; one kind is never the other, by its length.
Hash label_leaf(const LabelRow&);
Hash gold_leaf(const GoldLabel&);

/// RFC 6962 root over the SHA-256 of each item's bytes, in the order of the items.
Hash label_items_root(const std::vector<Hash>& items);

/// HPKE's info for keys of batches that an owner gives to an arbiter or hands to an annotator, and
/// for the key of what one submits: a wrap of some items or one order, and one person, is of no use
/// for another.
Hash label_arbiter_info(const Hash& items_root, const Address& arbiter);
Hash label_hand_info(const LabelOrderId&, const Address& annotator);
Hash label_submit_info(const LabelOrderId&, const Address& annotator);

}  // namespace market
