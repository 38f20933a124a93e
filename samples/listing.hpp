#pragma once

#include "samples/table.hpp"

/// Which files of a folder are samples, and what they are answered with.
namespace samples {

struct Listing {
    std::vector<std::uint32_t> items;
    Answers answers;
    Slices slices;
};

struct ListingOptions {
    std::vector<std::string_view> endings;  ///< of the files wanted, with the dot, in small letters
    /// A CSV file with the columns "file", of names beside it, "label" or other targets, and, where
    /// there is one, "slice". Files without a row are left out.
    std::optional<ItemPlace> labels;
    TableOptions table;
};

/// Without a file of labels, the folder that an item is in is its class; items in no folder have
/// none. A folder around everything, as sealed data have, does not count. `invalid` where some are
/// in a folder and some not, and where a row names no item.
ledger::Result<Listing> list_items(const Items& items, const ListingOptions& options,
                                   const Limits& limits);

}  // namespace samples
