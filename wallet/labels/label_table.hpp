#pragma once

#include "ledger/base/result.hpp"
#include "market/label_rows.hpp"

#include <string>
#include <vector>

/// Labels as people keep them: CSV (RFC 4180) with a header, "number,item,label,confidence". A row
/// names its item by `item`, its name, where names are known and only one item has it, else by
/// `number`, its place in the order from 0: numbers are of one order alone, and tables are handed
/// on. An empty label, or no row, is none; a confidence is 0 to 100 and may be left out.
namespace wallet {

/// What somebody says of one item.
struct Label {
    std::uint32_t label = market::no_label;
    std::uint32_t confidence = 0;  ///< in hundredths
    friend bool operator==(const Label&, const Label&) = default;
};

/// Most bytes of a table that is read.
inline constexpr std::size_t label_table_bytes = 32u << 20;

/// Whether a row that names no item may say its number instead: not where the table may be of
/// another order, whose numbers are of other items.
enum class Numbers { taken, refused };

/// One label or none for each of `count` items. `names` of the items, or empty where rows go by
/// number. `invalid` names the row: a class that is not one, an item that is not there or comes
/// twice, a number that is none.
ledger::Result<std::vector<Label>> read_labels(ledger::ByteView table,
                                               const std::vector<std::string>& classes,
                                               std::size_t count,
                                               const std::vector<std::string>& names,
                                               Numbers numbers = Numbers::taken);

/// Whether the first row has a column of this name.
ledger::Result<bool> has_column(ledger::ByteView table, std::string_view name);

/// The column `item` of a table, in its order; `invalid` names the row.
ledger::Result<std::vector<std::string>> read_item_names(ledger::ByteView table);

/// A table that `read_labels` reads, one row for each item. A name that spreadsheets would take for
/// a formula is left out: the number says which item it is.
std::string label_table(const std::vector<std::string>& classes,
                        const std::vector<std::string>& names, const std::vector<Label>& labels);

/// A field of CSV, quoted where it must be.
std::string csv_field(const std::string& text);

}  // namespace wallet
