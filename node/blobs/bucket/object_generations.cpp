#include "node/blobs/bucket/object_generations.hpp"

#include "ledger/base/big_endian.hpp"
#include "ledger/crypto/random.hpp"

#include <boost/endian/conversion.hpp>

#include <algorithm>

namespace node {

using namespace ledger;

Bytes encode_generations(const std::vector<std::uint64_t>& all, std::uint64_t first)
{
    Bytes bytes;
    for (auto i = first; i < std::min<std::uint64_t>(first + sector_objects, all.size()); ++i)
        append_big_endian(bytes, all[i]);
    return whole_sector(std::move(bytes));
}

Result<void> decode_generations(ByteView sector, std::uint64_t first,
                                std::vector<std::uint64_t>& all)
{
    if (std::ranges::all_of(sector, [](std::uint8_t byte) { return byte == 0; })) return {};
    if (!sum_holds(sector))
        return Error{ErrorKind::corrupt, "a sector of generations whose sum is wrong"};
    for (std::uint64_t i = 0; i < sector_objects && first + i < all.size(); ++i)
        all[first + i] = boost::endian::load_big_u64(sector.data() + i * 8);
    return {};
}

Result<std::unique_ptr<ObjectGenerations>> ObjectGenerations::open(Disk& disk, std::string folder,
                                                                   std::string path,
                                                                   std::uint64_t objects)
{
    std::unique_ptr<ObjectGenerations> made{
        new ObjectGenerations{disk, std::move(folder), std::move(path), objects}};
    if (const auto done = made->read(); !done) return done.error();
    return made;
}

Result<void> ObjectGenerations::read()
{
    auto file = disk_.open(path_, OpenMode::existing);
    if (!file && file.error().kind == ErrorKind::not_found) return {};
    if (!file) return file.error();
    file_ = std::move(*file);
    constexpr std::uint64_t sectors_at_once = 128;
    for (std::uint64_t first = 0; first < current_.size();
         first += sectors_at_once * sector_objects) {
        const auto bytes =
            file_->read(first / sector_objects * sector_bytes, sectors_at_once * sector_bytes);
        if (!bytes) return bytes.error();
        // What an earlier process wrote and could not sync must not go away again: the generations
        // that it superseded are taken for left over from now on. A sync alone does not write
        // again what an earlier one failed to write.
        const auto rewritten = file_->write(first / sector_objects * sector_bytes, *bytes);
        if (!rewritten) return rewritten;
        for (std::size_t at = 0; at + sector_bytes <= bytes->size(); at += sector_bytes) {
            const auto number = first + at / sector_bytes * sector_objects;
            // What a damaged one had is found missing where it is read, as other damage is.
            static_cast<void>(
                decode_generations(ByteView{*bytes}.subspan(at, sector_bytes), number, current_));
        }
        if (bytes->size() < sectors_at_once * sector_bytes) break;
    }
    return file_->sync();
}

std::uint64_t ObjectGenerations::current(std::uint64_t number) const
{
    const std::lock_guard lock{mutex_};
    return current_.at(number);
}

ObjectGenerations::Name ObjectGenerations::begin(std::uint64_t number)
{
    Name name{number, 0};
    while (name.generation == 0) name.generation = SystemRandom{}.next_u64();
    const std::lock_guard lock{mutex_};
    under_way_.insert(name);
    return name;
}

void ObjectGenerations::end(const Name& name, bool is_done)
{
    const std::lock_guard lock{mutex_};
    under_way_.erase(name);
    if (!is_done) return;
    auto& current = current_.at(name.number);
    until_sync_.insert({name.number, current});
    current = name.generation;
    changed_.insert(name.number / sector_objects);
}

Result<void> ObjectGenerations::sync()
{
    const std::lock_guard file_lock{file_mutex_};
    std::vector<std::pair<std::uint64_t, Bytes>> sectors;
    std::set<Name> superseded;
    {
        const std::lock_guard lock{mutex_};
        for (const auto sector : changed_)
            sectors.emplace_back(sector, encode_generations(current_, sector * sector_objects));
        changed_.clear();
        superseded = until_sync_;
    }
    if (sectors.empty()) return {};
    if (!file_) {
        auto made = disk_.open(path_, OpenMode::fresh);
        if (!made) return made.error();
        if (const auto done = disk_.sync_folder(folder_); !done) return done;
        file_ = std::move(*made);
    }
    for (const auto& [sector, bytes] : sectors)
        if (const auto done = file_->write(sector * sector_bytes, bytes); !done) return done;
    if (const auto done = file_->sync(); !done) return done;
    const std::lock_guard lock{mutex_};
    for (const auto& name : superseded) {
        until_sync_.erase(name);
        if (name.generation != 0) superseded_.insert(name);  // else there was hardly an object
    }
    return {};
}

std::vector<ObjectGenerations::Name> ObjectGenerations::take_superseded(std::size_t most)
{
    const std::lock_guard lock{mutex_};
    std::vector<Name> taken;
    while (!superseded_.empty() && taken.size() < most)
        taken.push_back(superseded_.extract(superseded_.begin()).value());
    return taken;
}

bool ObjectGenerations::is_used(const Name& name) const
{
    const std::lock_guard lock{mutex_};
    if (under_way_.contains(name) || until_sync_.contains(name)) return true;
    // One beyond the batch's end was put for other sizes, that somebody lied about.
    if (name.number >= current_.size()) return false;
    // Where the file does not say which counts, as it is damaged, any may be the only one.
    return current_[name.number] == name.generation || current_[name.number] == 0;
}

}  // namespace node
