#pragma once

#include "market/state/state.hpp"

#include <algorithm>
#include <optional>

/// Lists in pages, in the order of keys.
namespace market {

struct QueryLimits {
    static constexpr std::size_t page = 256;
    /// Entries looked at for one page of a filtered list.
    static constexpr std::size_t scanned = 4096;
};

/// Part of a list in the order of keys. `next` is passed on as `after`; empty at the end.
template <class Item>
struct Page {
    std::vector<Item> items;
    Bytes next;
};

/// One page of the records whose encoded key begins with `prefix`; `make` turns a record into an
/// item, or into nothing when it does not belong in the list.
template <class Item, class Record>
Page<Item> page_of(
    const View& view, ByteView prefix, ByteView after, std::size_t limit,
    const std::function<std::optional<Item>(const typename Record::Key&, Record)>& make)
{
    constexpr auto table = static_cast<std::uint8_t>(Record::table);
    limit = std::clamp<std::size_t>(limit, 1, QueryLimits::page);
    Bytes from{table};
    ledger::append(from, prefix);
    Bytes start = from;
    if (!after.empty()) {
        start.assign(1, table);
        ledger::append(start, after);
        start.push_back(0);
    }
    Page<Item> page;
    Bytes last;
    std::size_t seen = 0;
    view.below().scan_from(from, start, [&](ByteView key, ByteView value) {
        if (page.items.size() == limit || seen == QueryLimits::scanned) {
            page.next = last;
            return false;
        }
        ++seen;
        last.assign(key.begin() + 1, key.end());
        auto id = ledger::codec::decode<typename Record::Key>(last);
        auto record = ledger::codec::decode<Record>(value);
        if (!id || !record) throw ledger::StateFault{"corrupt record in a list"};
        if (auto item = make(*id, std::move(*record))) page.items.push_back(std::move(*item));
        return true;
    });
    return page;
}

}  // namespace market
