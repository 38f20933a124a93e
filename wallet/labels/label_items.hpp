#pragma once

#include "market/messages/label.hpp"
#include "wallet/sealed/batch_folder.hpp"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace wallet {

/// A file of a batch that can be labelled.
struct LabelItem {
    std::string name;
    ledger::Hash hash;  ///< SHA-256 of its bytes
    friend bool operator==(const LabelItem&, const LabelItem&) = default;
};

/// As many files as an order can pick from.
inline constexpr std::size_t most_label_files = 65'536;

/// The files of a batch in the order in which they were sealed. Memory: one chunk beside them.
/// `full` above `most_label_files`; otherwise the errors of read_items.
ledger::Result<std::vector<LabelItem>> list_items(
    BatchFolder& batch, const ledger::SecretKey& key,
    const std::function<void(std::uint64_t)>& progress);

/// The bits of `LabelOrder::picks` for the files of these names; empty where they are all.
/// `not_found` names one that is not among the files, `invalid` one that is there twice.
ledger::Result<ledger::Bytes> picks_of(const std::vector<LabelItem>& files,
                                       const std::set<std::string>& names);
/// Those that the bits pick; `invalid` where they pick a file that is not there.
ledger::Result<std::vector<LabelItem>> picked(std::vector<LabelItem> files,
                                              const ledger::Bytes& picks);

ledger::Hash root_of(const std::vector<LabelItem>& items);

}  // namespace wallet
