#include "wallet/sealed/find_items.hpp"

#include "ledger/sealing/items.hpp"

#include <algorithm>
#include <system_error>

namespace wallet {
namespace {

namespace fs = std::filesystem;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

Error wrong(const fs::path& path, const std::string& what)
{
    return {ErrorKind::invalid, path.string() + ": " + what};
}

/// The path's own name, also where it ends in a slash or a dot.
std::string own_name(const fs::path& path)
{
    std::error_code problem;
    auto whole = fs::absolute(path, problem).lexically_normal();
    if (!whole.has_filename()) whole = whole.parent_path();
    return whole.filename().string();
}

Result<void> add(const fs::path& file, std::string name, std::vector<FoundItem>& items)
{
    if (items.size() == most_items)
        return Error{ErrorKind::full, "more than " + std::to_string(most_items) + " files"};
    if (const auto good = ledger::sealing::check_item_name(name); !good)
        return wrong(file, good.error().detail);
    std::error_code problem;
    const auto size = fs::file_size(file, problem);
    if (problem) return Error{ErrorKind::io, file.string() + ": " + problem.message()};
    items.push_back({file, std::move(name), size});
    return {};
}

Result<void> add_folder(const fs::path& folder, std::vector<FoundItem>& items)
{
    const auto base = own_name(folder);
    std::error_code problem;
    for (fs::recursive_directory_iterator at{folder, problem}, end; !problem && at != end;
         at.increment(problem)) {
        const auto kind = at->symlink_status(problem).type();
        if (problem) break;
        if (kind == fs::file_type::directory) continue;
        if (kind != fs::file_type::regular)
            return wrong(at->path(), "neither a file nor a folder (links are not followed)");
        auto name = base + "/" + at->path().lexically_relative(folder).generic_string();
        if (const auto done = add(at->path(), std::move(name), items); !done) return done;
    }
    if (problem) return Error{ErrorKind::io, folder.string() + ": " + problem.message()};
    return {};
}

}  // namespace

Result<std::vector<FoundItem>> find_items(const std::vector<fs::path>& given)
{
    std::vector<FoundItem> items;
    for (const auto& path : given) {
        std::error_code problem;
        const auto kind = fs::status(path, problem).type();
        Result<void> done;
        if (kind == fs::file_type::not_found)
            return Error{ErrorKind::not_found, path.string() + " is not there"};
        if (kind == fs::file_type::regular)
            done = add(path, own_name(path), items);
        else if (kind == fs::file_type::directory)
            done = add_folder(path, items);
        else
            return wrong(path, "neither a file nor a folder");
        if (!done) return done.error();
    }
    if (items.empty()) return ledger::invalid("there is no file to seal");
    std::ranges::sort(items, {}, &FoundItem::name);
    const auto twice = std::ranges::adjacent_find(items, {}, &FoundItem::name);
    if (twice != items.end())
        return wrong(std::next(twice)->file, "another file has the name " + twice->name + " too");
    return items;
}

}  // namespace wallet
