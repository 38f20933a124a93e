#include "samples/table.hpp"

#include <algorithm>

namespace samples {

using ledger::Error;
using ledger::ErrorKind;
using ledger::invalid;
using ledger::Result;

Result<TableHeader> TableHeader::make(std::span<const std::string_view> fields,
                                      const Limits& limits)
{
    TableHeader made;
    for (const auto field : fields) {
        if (field.size() > limits.name_bytes)
            return Error{ErrorKind::full, "the name of a column has more than " +
                                              std::to_string(limits.name_bytes) + " bytes"};
        if (!made.places_.emplace(field, made.names_.size()).second)
            return invalid("two columns are named '" + std::string{field} + "'");
        made.names_.emplace_back(field);
    }
    return made;
}

std::optional<std::size_t> TableHeader::find(std::string_view column) const
{
    const auto found = places_.find(column);
    if (found == places_.end()) return {};
    return found->second;
}

Result<std::size_t> TableHeader::column(std::string_view name) const
{
    if (const auto found = find(name)) return *found;
    std::string there;
    for (std::size_t i = 0; i < std::min<std::size_t>(names_.size(), 12); ++i)
        there += (i == 0 ? "" : ", ") + names_[i];
    return invalid("there is no column '" + std::string{name} + "', only " + there +
                   (names_.size() > 12 ? ", ..." : ""));
}

Result<void> read_table(const ItemPlace& file, char delimiter, const Limits& limits,
                        const std::function<Result<void>(const TableHeader&)>& header,
                        const std::function<Result<void>(std::span<const std::string_view> fields,
                                                         const std::string& where)>& row)
{
    std::size_t columns = 0;
    CsvReader reader{
        {delimiter, limits.row_bytes, limits.columns},
        [&](std::uint64_t number, std::span<const std::string_view> fields) -> Result<void> {
            if (number == 1) {
                columns = fields.size();
                const auto made = TableHeader::make(fields, limits);
                return made ? header(*made) : made.error();
            }
            const auto where = "row " + std::to_string(number);
            if (fields.size() != columns)
                return invalid(where + " has " + std::to_string(fields.size()) +
                               " fields, the header " + std::to_string(columns));
            return row(fields, where);
        }};
    auto read =
        file.items->pieces(file.index, [&](ledger::ByteView piece) { return reader.read(piece); });
    if (read) read = reader.finish();
    if (read && columns == 0) read = invalid("it is empty, without even a header");
    if (!read) return Error{read.error().kind, file.name() + ": " + read.error().detail};
    return {};
}

}  // namespace samples
