#include "wallet/labels/label_table.hpp"

#include "samples/csv.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

namespace wallet {
namespace {

using Fields = std::span<const std::string_view>;

struct Columns {
    std::optional<std::size_t> number, item, label, confidence;

    static std::optional<std::string_view> field(const std::optional<std::size_t>& column,
                                                 Fields fields)
    {
        if (!column || *column >= fields.size()) return {};
        return fields[*column];
    }
};

std::optional<std::uint32_t> number_of(std::string_view text)
{
    std::uint32_t number = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (text.empty() || read.ec != std::errc{} || read.ptr != end) return {};
    return number;
}

ledger::Error wrong(std::uint64_t row, const std::string& what)
{
    return ledger::invalid("row " + std::to_string(row) + " of the table: " + what);
}

ledger::Result<Columns> columns_of(Fields fields)
{
    Columns columns;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        auto* column = fields[i] == "number"       ? &columns.number
                       : fields[i] == "item"       ? &columns.item
                       : fields[i] == "label"      ? &columns.label
                       : fields[i] == "confidence" ? &columns.confidence
                                                   : nullptr;
        if (!column) continue;
        if (*column) return wrong(1, "two columns have one name");
        *column = i;
    }
    if (!columns.number && !columns.item)
        return wrong(1, "no column 'number' or 'item'; the first row names the columns");
    return columns;
}

/// Reads row by row into labels.
class TableReader {
public:
    TableReader(const std::vector<std::string>& classes, std::size_t count,
                const std::vector<std::string>& names, Numbers numbers)
        : classes_{classes}, labels_(count), seen_(count, false), numbers_{numbers}
    {
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto [at, is_new] = places_.emplace(names[i], i);
            if (!is_new) at->second = count;  // two items have this name: it tells nothing
        }
    }

    ledger::Result<void> row(std::uint64_t number, Fields fields)
    {
        if (number == 1) {
            auto columns = columns_of(fields);
            if (!columns) return columns.error();
            if (!columns->label) return wrong(1, "no column 'label'");
            columns_ = *columns;
            return {};
        }
        const auto item = item_of(number, fields);
        if (!item) return item.error();
        if (seen_[*item]) return wrong(number, "this item came before");
        seen_[*item] = true;
        return label(number, fields, labels_[*item]);
    }

    std::vector<Label> take() { return std::move(labels_); }

private:
    ledger::Result<std::size_t> item_of(std::uint64_t row, Fields fields) const
    {
        const auto name = Columns::field(columns_.item, fields);
        if (name && !name->empty() && !places_.empty()) {
            const auto place = places_.find(std::string{*name});
            if (place == places_.end())
                return wrong(row, "no item is called " + std::string{*name});
            if (place->second != labels_.size()) return place->second;
        }
        const auto said = Columns::field(columns_.number, fields);
        if (numbers_ == Numbers::refused) return wrong(row, "it must say the name of an item");
        if (said && !said->empty()) {
            const auto number = number_of(*said);
            if (!number || *number >= labels_.size())
                return wrong(row, std::string{*said} + " is no number of an item; they are 0 to " +
                                      std::to_string(labels_.size() - 1));
            return *number;
        }
        if (name && !places_.empty() && !name->empty())
            return wrong(row,
                         "several items are called " + std::string{*name} + ": give their numbers");
        return wrong(row, "no number of an item");
    }

    ledger::Result<void> label(std::uint64_t row, Fields fields, Label& to) const
    {
        const auto said = Columns::field(columns_.label, fields);
        if (!said || said->empty()) return {};
        const auto found = std::find(classes_.begin(), classes_.end(), *said);
        if (found == classes_.end())
            return wrong(row, std::string{*said} + " is none of the classes");
        to.label = static_cast<std::uint32_t>(found - classes_.begin());
        const auto sure = Columns::field(columns_.confidence, fields);
        if (!sure || sure->empty()) return {};
        const auto confidence = number_of(*sure);
        if (!confidence || *confidence > 100)
            return wrong(row, "a confidence is a whole number of 0 to 100");
        to.confidence = *confidence;
        return {};
    }

    const std::vector<std::string>& classes_;
    std::map<std::string, std::size_t> places_;
    std::vector<Label> labels_;
    std::vector<bool> seen_;
    const Numbers numbers_;
    Columns columns_;
};

/// As OWASP's "CSV injection" lists them.
bool is_formula(const std::string& text)
{
    return !text.empty() && std::string_view{"=+-@\t\r"}.find(text[0]) != std::string_view::npos;
}

ledger::Result<void> read_rows(ledger::ByteView table, samples::CsvReader::Row row)
{
    if (table.size() > label_table_bytes)
        return ledger::Error{ledger::ErrorKind::full, "the table is longer than 32 MiB"};
    std::uint64_t rows = 0;
    samples::CsvReader reader{{}, [&](std::uint64_t number, Fields fields) {
                                  rows = number;
                                  return row(number, fields);
                              }};
    if (const auto read = reader.read(table); !read) return read;
    if (const auto read = reader.finish(); !read) return read;
    if (rows == 0) return ledger::invalid("the table is empty");
    return {};
}

}  // namespace

ledger::Result<std::vector<Label>> read_labels(ledger::ByteView table,
                                               const std::vector<std::string>& classes,
                                               std::size_t count,
                                               const std::vector<std::string>& names,
                                               Numbers numbers)
{
    TableReader reader{classes, count, names, numbers};
    const auto read = read_rows(
        table, [&](std::uint64_t number, Fields fields) { return reader.row(number, fields); });
    if (!read) return read.error();
    return reader.take();
}

ledger::Result<std::vector<std::string>> read_item_names(ledger::ByteView table)
{
    std::vector<std::string> names;
    Columns columns;
    const auto read =
        read_rows(table, [&](std::uint64_t number, Fields fields) -> ledger::Result<void> {
            if (number == 1) {
                auto found = columns_of(fields);
                if (!found) return found.error();
                if (!found->item) return wrong(1, "no column 'item'");
                columns = *found;
                return {};
            }
            const auto name = Columns::field(columns.item, fields);
            if (!name || name->empty()) return wrong(number, "no item");
            names.emplace_back(*name);
            return {};
        });
    if (!read) return read.error();
    return names;
}

ledger::Result<bool> has_column(ledger::ByteView table, std::string_view name)
{
    bool found = false;
    const auto read =
        read_rows(table, [&](std::uint64_t number, Fields fields) -> ledger::Result<void> {
            if (number == 1) found = std::find(fields.begin(), fields.end(), name) != fields.end();
            return {};
        });
    if (!read) return read.error();
    return found;
}

std::string csv_field(const std::string& text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char letter : text) {
        if (letter == '"') quoted += '"';
        quoted += letter;
    }
    return quoted + "\"";
}

std::string label_table(const std::vector<std::string>& classes,
                        const std::vector<std::string>& names, const std::vector<Label>& labels)
{
    std::string table = "number,item,label,confidence\n";
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto& label = labels[i];
        const bool is_there = label.label < classes.size();
        table += std::to_string(i) + "," +
                 (i < names.size() && !is_formula(names[i]) ? csv_field(names[i]) : "") + "," +
                 (is_there ? csv_field(classes[label.label]) : "") + "," +
                 (is_there && label.confidence != 0 ? std::to_string(label.confidence) : "") + "\n";
    }
    return table;
}

}  // namespace wallet
