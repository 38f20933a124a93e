#pragma once

#include "market/paging.hpp"
#include "market/state/label_records.hpp"

/// What people and nodes look up of label orders. Nothing here takes part in rules.
namespace market {

struct LabelOrderEntry {
    LabelOrderId id;
    LabelOrdered ordered;
    LabelTerms terms;
    LabelSeats seats;
};

/// Orders of one dataset or of all. With `open_at_ms` only those of which a seat can be taken then.
Page<LabelOrderEntry> list_label_orders(const View&, const std::optional<DatasetId>& dataset,
                                        std::optional<std::uint64_t> open_at_ms, ByteView after,
                                        std::size_t limit);

struct LabelWorkEntry {
    LabelWorkKey key;
    LabelWork work;
};

/// What annotators do or did, of one order or of all, by one of them or by all.
Page<LabelWorkEntry> list_label_work(const View&, const std::optional<LabelOrderId>& order,
                                     const std::optional<Address>& annotator, ByteView after,
                                     std::size_t limit);

}  // namespace market
