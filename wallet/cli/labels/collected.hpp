#pragma once

#include "wallet/cli/labels/label_orders.hpp"
#include "wallet/labels/gold.hpp"

namespace wallet::cli {

/// One annotator's labels, opened by the owner.
struct CollectedLabels {
    ledger::Address annotator;
    market::LabelWork work;
    OpenedLabels opened;
};

/// An order as its owner sees it.
struct Collected {
    market::LabelOrderId id;
    market::LabelOrdered terms;
    LabelNotes notes;
    Gold gold;
    std::vector<CollectedLabels> sheets;
    /// Why the labels of others cannot be read.
    std::vector<std::pair<ProvenWork, std::string>> unreadable;
    /// Why what others submitted is not here: this node does not show it, which says nothing of it.
    std::vector<std::pair<ProvenWork, std::string>> missing;
    std::uint32_t seats_open = 0;  ///< free, or taken by somebody who has not submitted

    std::vector<std::string> names() const;
    /// More of the gold is wrong than the order allows: such labels have no say in what is right.
    bool is_far_from_gold(const CollectedLabels&) const;
};

/// Everything that was submitted; `refused` where the order is another's. `gold`: a table, where
/// another home made the order.
Collected collected(const Session&, const std::string& order, const std::string& gold);

/// What the labels say together, the gold being one of the annotators (Dawid and Skene); an item
/// that nobody labelled, or that is undecided, has none. Of gold items that of the gold.
struct Agreed {
    std::vector<Label> labels;
    std::vector<std::size_t> differ;  ///< items on which not all agree
    std::vector<std::size_t>
        undecided;                ///< those of them where no label has over half of the votes
    std::vector<double> weights;  ///< of each sheet, 0 to 1
    std::optional<double> alpha;  ///< Krippendorff's, without the gold
};
Agreed agreed(const Collected&);

/// How many of an annotator's labels are accepted where these are right: all but those that differ.
std::uint32_t accepted_of(const CollectedLabels&, const std::vector<Label>& right);

}  // namespace wallet::cli
