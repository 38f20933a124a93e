#pragma once

#include "samples/answers.hpp"
#include "samples/csv.hpp"
#include "samples/items.hpp"
#include "samples/normalise.hpp"

/// CSV files as samples.
namespace samples {

/// One file among others.
struct ItemPlace {
    std::shared_ptr<const Items> items;
    std::size_t index = 0;
    const std::string& name() const { return items->name(index); }
};

/// The first row of a CSV file.
class TableHeader {
public:
    /// `invalid` where two columns have one name, `full` above Limits::name_bytes.
    static ledger::Result<TableHeader> make(std::span<const std::string_view> fields,
                                            const Limits& limits);
    std::optional<std::size_t> find(std::string_view column) const;
    /// `invalid` names what is missing and what is there.
    ledger::Result<std::size_t> column(std::string_view name) const;
    const std::vector<std::string>& names() const { return names_; }

private:
    std::vector<std::string> names_;
    std::map<std::string, std::size_t, std::less<>> places_;
};

/// Calls `row` with each row after the header, which all have as many fields as that; errors begin
/// with the file's name. `where` says "row 7".
ledger::Result<void> read_table(
    const ItemPlace& file, char delimiter, const Limits& limits,
    const std::function<ledger::Result<void>(const TableHeader&)>& header,
    const std::function<ledger::Result<void>(std::span<const std::string_view> fields,
                                             const std::string& where)>& row);

struct TableOptions {
    char delimiter = ',';
    std::vector<std::string> features;  ///< columns in this order; empty: all that are left
    std::vector<std::string> targets;   ///< columns; empty: "label", where there is one
    std::vector<std::string> ignored;   ///< columns that are no features
    std::string slice;                  ///< a column; empty: "slice", where there is one
    TargetKind target = TargetKind::tell;
    std::vector<std::string> classes;
    Normalise normalise;
};

/// Rows as samples. The features of a row, in the order of their columns, are the numbers of the
/// input, row-major. All rows are held, in the input's type; the text is not.
ledger::Result<std::unique_ptr<Source>> open_table(const ItemPlace& file,
                                                   const inference::TensorSpec& input,
                                                   const TableOptions& options,
                                                   const Limits& limits);

}  // namespace samples
