#include "samples/listing.hpp"

#include "samples/file_kind.hpp"

#include <algorithm>

namespace samples {
namespace {

using ledger::Error;
using ledger::ErrorKind;
using ledger::invalid;
using ledger::Result;

bool is_wanted(std::string_view name, const ListingOptions& options)
{
    return std::ranges::any_of(options.endings,
                               [&](auto ending) { return has_ending(name, ending); });
}

std::string in_folder(std::string_view neighbour, std::string_view name)
{
    const auto slash = neighbour.rfind('/');
    if (slash == std::string_view::npos) return std::string{name};
    return std::string{neighbour.substr(0, slash + 1)} + std::string{name};
}

Result<Listing> list_by_table(const Items& items, const ListingOptions& options,
                              const Limits& limits)
{
    std::optional<std::size_t> file, slice;
    std::vector<std::size_t> targets;
    std::optional<AnswerBuilder> answers;
    Slices slices{limits};
    std::vector<std::uint32_t> listed;
    const auto& table = options.table;
    const auto& labels = *options.labels;

    const auto begin = [&](const TableHeader& header) -> Result<void> {
        const auto found = header.column("file");
        if (!found) return found.error();
        file = *found;
        auto names = table.targets;
        if (names.empty() && header.find("label")) names = {"label"};
        if (table.target == TargetKind::none) names.clear();
        for (const auto& name : names) {
            const auto column = header.column(name);
            if (!column) return column.error();
            targets.push_back(*column);
        }
        slice = header.find(table.slice.empty() ? "slice" : table.slice);
        if (!slice && !table.slice.empty()) return header.column(table.slice).error();
        answers.emplace(table.target, table.classes, targets.size(), limits);
        return {};
    };
    const auto row = [&](std::span<const std::string_view> fields,
                         const std::string& where) -> Result<void> {
        // Named from where the table is, or from the top.
        auto item = find_item(items, in_folder(labels.name(), fields[*file]));
        if (!item) item = find_item(items, fields[*file]);
        if (!item || !is_wanted(items.name(*item), options))
            return invalid(where + ": there is no such sample as '" +
                           std::string{fields[*file].substr(0, 256)} + "'");
        if (listed.size() == limits.samples)
            return Error{ErrorKind::full, where + ": there are too many samples"};
        listed.push_back(static_cast<std::uint32_t>(*item));
        std::vector<std::string_view> texts;
        for (const auto column : targets) texts.push_back(fields[column]);
        if (auto added = answers->add(texts, where); !added) return added;
        return slice ? slices.add(fields[*slice], where) : Result<void>{};
    };
    if (const auto read = read_table(labels, table.delimiter, limits, begin, row); !read)
        return read.error();
    auto made = answers->finish();
    if (!made) return Error{made.error().kind, labels.name() + ": " + made.error().detail};
    return Listing{std::move(listed), std::move(*made), std::move(slices)};
}

/// How much of every name is one folder around all, where there are folders below it.
std::size_t common_top(const Items& items, const std::vector<std::uint32_t>& listed)
{
    const std::string_view first = items.name(listed[0]);
    const auto slash = first.find('/');
    if (slash == std::string_view::npos) return 0;
    const auto top = first.substr(0, slash + 1);
    const bool around = std::ranges::all_of(listed, [&](auto item) {
        const std::string_view name = items.name(item);
        return name.starts_with(top) && name.find('/', top.size()) != std::string_view::npos;
    });
    return around ? top.size() : 0;
}

Result<Listing> list_by_folder(const Items& items, const ListingOptions& options,
                               const Limits& limits)
{
    Listing made;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!is_wanted(items.name(i), options)) continue;
        if (made.items.size() == limits.samples)
            return Error{ErrorKind::full,
                         "there are more than " + std::to_string(limits.samples) + " samples"};
        made.items.push_back(static_cast<std::uint32_t>(i));
    }
    if (made.items.empty()) return made;
    const auto top = common_top(items, made.items);
    const auto folder_of = [&](std::uint32_t item) {
        const auto rest = std::string_view{items.name(item)}.substr(top);
        const auto slash = rest.find('/');
        return slash == std::string_view::npos ? std::string_view{} : rest.substr(0, slash);
    };
    auto kind = options.table.target;
    if (kind == TargetKind::numbers) return invalid("numbers need a file of labels");
    const bool in_folders = !folder_of(made.items[0]).empty();
    for (const auto item : made.items)
        if (folder_of(item).empty() == in_folders && kind != TargetKind::none)
            return invalid("some samples are in a folder, which would be their class, and " +
                           std::string{in_folders ? items.name(item) : items.name(made.items[0])} +
                           " is in none");
    if (!in_folders && kind == TargetKind::classes)
        return invalid("the samples are in no folders, which would be their classes");
    if (!in_folders || kind == TargetKind::none) return made;
    AnswerBuilder names{TargetKind::classes, options.table.classes, 1, limits};
    for (const auto item : made.items) {
        const std::string_view folder = folder_of(item);
        if (auto added = names.add({&folder, 1}, items.name(item)); !added) return added.error();
    }
    auto answers = names.finish();
    if (!answers) return answers.error();
    made.answers = std::move(*answers);
    return made;
}

}  // namespace

Result<Listing> list_items(const Items& items, const ListingOptions& options, const Limits& limits)
{
    return options.labels ? list_by_table(items, options, limits)
                          : list_by_folder(items, options, limits);
}

}  // namespace samples
