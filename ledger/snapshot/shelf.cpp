#include "ledger/snapshot/shelf.hpp"

#include "ledger/base/ensure.hpp"

#include <algorithm>
#include <charconv>
#include <functional>

namespace ledger {
namespace {

/// A height as we write it: digits without zeros before them.
std::optional<Height> parse_height(const std::string& name)
{
    Height height;
    const auto* const end = name.data() + name.size();
    const auto read = std::from_chars(name.data(), end, height.value);
    if (read.ec != std::errc{} || read.ptr != end || std::to_string(height.value) != name)
        return {};
    return height;
}

}  // namespace

SnapshotFolder SnapshotShelf::at(Height height) const
{
    return {disk_, (folder_ / std::to_string(height.value)).string()};
}

Result<std::vector<Height>> SnapshotShelf::folders() const
{
    std::vector<Height> heights;
    std::error_code error;
    if (!std::filesystem::exists(folder_, error)) return heights;
    std::filesystem::directory_iterator each{folder_, error};
    for (; !error && each != std::filesystem::directory_iterator{}; each.increment(error)) {
        const auto height = parse_height(each->path().filename().string());
        if (height && each->is_directory(error)) heights.push_back(*height);
    }
    if (error) return Error{ErrorKind::io, folder_.string() + ": " + error.message()};
    std::ranges::sort(heights, std::greater{});
    return heights;
}

Result<std::vector<Height>> SnapshotShelf::list() const
{
    auto heights = folders();
    if (!heights) return heights;
    std::erase_if(*heights, [this](Height height) {
        std::error_code missing;
        return !std::filesystem::exists(std::filesystem::path{at(height).path()} / "manifest",
                                        missing);
    });
    return heights;
}

Result<SnapshotManifest> SnapshotShelf::write(const SnapshotSource& source, std::size_t keep,
                                              const SnapshotWriteOptions& options)
{
    ensure(keep > 0, "the snapshot that is written is kept");
    auto folder = at(source.finality.path.front().height);
    auto manifest = write_snapshot(folder, source, options);
    if (!manifest) return manifest;
    const auto whole = list();
    if (!whole) return whole.error();
    const auto all = folders();
    if (!all) return all.error();
    for (const auto height : *all) {
        const auto kept = std::ranges::find(*whole, height);
        if (height == manifest->content.height ||
            (kept != whole->end() && kept - whole->begin() < static_cast<std::ptrdiff_t>(keep)))
            continue;
        auto old = at(height);
        if (const auto done = old.clear(); !done) return done.error();
        std::error_code error;
        std::filesystem::remove_all(old.path(), error);
        if (error) return Error{ErrorKind::io, old.path() + ": " + error.message()};
    }
    if (const auto done = disk_.sync_folder(folder_.string()); !done) return done.error();
    return manifest;
}

}  // namespace ledger
