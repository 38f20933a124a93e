#include "node/blobs/store/disk_batches.hpp"

#include "ledger/base/hex.hpp"
#include "node/blobs/store/batch_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

// Finding what is there at the start, and removing what should not be.
namespace node {

using namespace ledger;

namespace {

/// Tells where the chunks of all batches lie; not there: beside their other files.
constexpr std::string_view place_file = "chunks.place";
constexpr std::size_t place_bytes = 1'024;

bool is_of_gone(const std::string& file)
{
    return file.ends_with(batch_files::gone_file);
}

}  // namespace

Result<std::unique_ptr<DiskBatches>> DiskBatches::open(
    Disk& disk, std::string folder, const Clock& clock, const BatchLimits& limits,
    std::function<void(const std::string&)> damaged, std::unique_ptr<ChunkPlace> chunks)
{
    if (!chunks) chunks = std::make_unique<ChunkFiles>(disk);
    std::unique_ptr<DiskBatches> made{new DiskBatches{disk, std::move(folder), clock, limits,
                                                      std::move(damaged), std::move(chunks)}};
    if (const auto done = disk.make_folder(made->folder_); !done) return done.error();
    if (const auto good = made->check_place(); !good) return good.error();
    for (int first = 0; first < 256; ++first) {
        const auto done = made->read_folder(fmt::format("{}/{:02x}", made->folder_, first));
        if (!done) return done.error();
    }
    return made;
}

/// Chunks that are looked for in the wrong place would all be taken for lost.
Result<void> DiskBatches::check_place()
{
    const auto path = folder_ + "/" + std::string{place_file};
    const auto file = disk_.open(path, OpenMode::existing);
    if (!file && file.error().kind != ErrorKind::not_found) return file.error();
    std::string known;
    if (file) {
        const auto bytes = (*file)->read(0, place_bytes);
        if (!bytes) return bytes.error();
        known = as_text(*bytes);
        while (known.ends_with('\n')) known.pop_back();  // an editor's
    }
    const auto label = chunks_->label();
    if (known == label) return {};
    const auto named = [](const std::string& place) {
        return place.empty() ? std::string{"in this folder"} : "in " + place;
    };
    bool is_new = true;
    for (int first = 0; is_new && first < 256; ++first) {
        const auto names = disk_.list(fmt::format("{}/{:02x}", folder_, first));
        if (!names && names.error().kind != ErrorKind::not_found) return names.error();
        is_new = !names || std::ranges::all_of(*names, is_of_gone);
    }
    if (!is_new)
        return invalid("the chunks of the batches in " + folder_ + " lie " + named(known) +
                       ", not " + named(label) +
                       ": set it back, or set blobs.dir to an empty folder; where somebody moved "
                       "the chunks, write the new place into " +
                       path);
    const auto fresh = disk_.open(path + ".new", OpenMode::fresh);
    if (!fresh) return fresh.error();
    if (const auto done = (*fresh)->write(0, as_bytes(label)); !done) return done;
    if (const auto done = (*fresh)->sync(); !done) return done;
    if (const auto done = disk_.rename(path + ".new", path); !done) return done;
    return disk_.sync_folder(folder_);
}

Result<void> DiskBatches::read_folder(const std::string& folder)
{
    const auto names = disk_.list(folder);
    if (!names && names.error().kind == ErrorKind::not_found) return {};
    if (!names) return names.error();
    std::string last;
    for (const auto& file : *names) {
        const auto name = file.substr(0, file.find('.'));
        const auto root = id_from_hex<Hash>(name);
        if (name == last || !root || to_hex(root->view()) != name) continue;
        last = name;
        const auto is_of_this = [&](const std::string& other) { return other.starts_with(name); };
        if (is_of_gone(file) &&
            std::ranges::all_of(*names | std::views::filter(is_of_this), is_of_gone)) {
            expect_late(*root);
            continue;
        }
        auto batch = StoredBatch::load(place_of(*root));
        if (!batch && batch.error().kind != ErrorKind::not_found &&
            batch.error().kind != ErrorKind::corrupt)
            return batch.error();
        if (!batch) {
            if (batch.error().kind == ErrorKind::corrupt)
                damaged_("batch " + name + ": " + batch.error().detail);
            left_over_[*root] = {};
            Names lock{names_mutex_};
            const auto done = sweep(lock, *root);
            if (!done && done.error().kind != ErrorKind::unavailable) return done;
            continue;
        }
        const auto mark = (*batch)->mark();
        const auto bytes = (*batch)->stored_bytes();
        total_ += bytes;
        known_[*root] = {std::move(*batch), bytes, mark.used_ms, mark.used_ms, mark.holders};
    }
    return {};
}

/// A batch of which NAME.gone alone is left: nobody knows how long ago it was removed.
void DiskBatches::expect_late(const Hash& root)
{
    left_over_[root] = {0, nullptr, true, clock_.now() + chunks_->lateness()};
}

}  // namespace node
