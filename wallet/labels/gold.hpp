#pragma once

#include "ledger/crypto/secp256k1_keys.hpp"
#include "market/label_rows.hpp"
#include "wallet/labels/label_table.hpp"

#include <vector>

namespace wallet {

/// The labels that an order's owner knows, by item; what annotators are tried with.
struct Gold {
    std::vector<market::GoldLabel> labels;

    /// Zero without any, as an order has it.
    ledger::Hash root() const;
    /// How many rows have a label other than the gold; a row without one is none of them.
    std::uint32_t wrong_in(const std::vector<market::LabelRow>& rows) const;
    /// What shows the first `count` wrong rows to the ledger; fewer where there are fewer.
    std::vector<market::LabelError> errors_in(const std::vector<market::LabelRow>& rows,
                                              std::size_t count) const;
};

/// The items that have a label, with salts from the owner's key: whoever still has the key and the
/// labels can show them.
Gold make_gold(const std::vector<Label>& labels, const ledger::SecretKey& owner,
               const ledger::Hash& items_root);

}  // namespace wallet
