#include "node/blobs/bucket/bucket_chunks.hpp"

#include "ledger/transfer/checks.hpp"
#include "node/blobs/bucket/bucket_answers.hpp"
#include "node/blobs/bucket/object_generations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace node {

using namespace ledger;

namespace {

constexpr auto object_chunks = transfer::piece_chunks;
constexpr auto chunk_bytes = sealing::sealed_chunk_bytes;

/// The chunks of a batch that lie in its n-th object.
ChunkRange chunks_of(const BatchSummary& batch, std::uint64_t number)
{
    const auto first = number * object_chunks;
    return {first, std::min<std::uint64_t>(object_chunks, batch.chunks - first)};
}

/// What `range` has of a batch's n-th object, where it has something.
ChunkRange part_of(const BatchSummary& batch, const ChunkRange& range, std::uint64_t number)
{
    const auto object = chunks_of(batch, number);
    const auto first = std::max(range.first, object.first);
    return {first, std::min(range.end(), object.end()) - first};
}

std::string path_of(const ChunkPlace::Of& of)
{
    return of.folder + "/" + of.name + ".objects";
}

std::uint64_t objects_of(const BatchSummary& batch)
{
    return (batch.chunks + object_chunks - 1) / object_chunks;
}

std::string key_of(const std::string& root, const ObjectGenerations::Name& name)
{
    if (name.generation == 0) return fmt::format("{}/{:08}", root, name.number);
    return fmt::format("{}/{:08}-{:016x}", root, name.number, name.generation);
}

/// What a key of a batch's objects names; nothing for a key that is none of ours.
std::optional<ObjectGenerations::Name> name_of(const std::string& root, const std::string& key)
{
    ObjectGenerations::Name name;
    const auto* end = key.data() + key.size();
    const auto* at = key.data() + std::min(root.size() + 1, key.size());
    const auto number = std::from_chars(at, end, name.number);
    if (number.ec == std::errc{} && number.ptr != end && *number.ptr == '-')
        std::from_chars(number.ptr + 1, end, name.generation, 16);
    if (key_of(root, name) != key) return {};
    return name;
}

/// Behind the last chunk of a batch's n-th object that is there.
std::uint64_t end_in(const BatchSummary& batch, std::uint64_t number, const ChunkSet& have)
{
    const auto object = chunks_of(batch, number);
    auto end = object.end();
    while (end > object.first && !have.has(end - 1)) --end;
    return end;
}

/// Of the n-th object, with chunks up to `end`.
std::uint64_t bytes_up_to(const BatchSummary& batch, std::uint64_t number, std::uint64_t end)
{
    const auto first = chunks_of(batch, number).first;
    return end == first ? 0 : transfer::range_bytes(batch, {first, end - first});
}

}  // namespace

class ChunksOfBucket final : public ChunkBytes {
public:
    ChunksOfBucket(BucketChunks& place, std::string name, const BatchSummary& batch,
                   std::unique_ptr<ObjectGenerations> generations)
        : place_{place}, name_{std::move(name)}, batch_{batch}, generations_{std::move(generations)}
    {
    }

    Result<void> write(const ChunkRange& range, ByteView bytes, const Holds& holds) override
    {
        for (auto number = range.first / object_chunks; number * object_chunks < range.end();
             ++number) {
            const auto part = part_of(batch_, range, number);
            const auto at = (part.first - range.first) * chunk_bytes;
            const auto done = write_object(
                number, part, bytes.subspan(at, transfer::range_bytes(batch_, part)), holds);
            if (!done) return done;
        }
        // Nothing depends on it; what it does not get to, the scrub does.
        static_cast<void>(remove_superseded());
        return {};
    }
    /// The objects are there for good; which of them count is not, yet.
    Result<void> sync() override { return generations_->sync(); }

    Result<Bytes> read(const ChunkRange& range) override
    {
        Bytes all;
        for (auto number = range.first / object_chunks; number * object_chunks < range.end();
             ++number) {
            const auto part = part_of(batch_, range, number);
            const auto length = transfer::range_bytes(batch_, part);
            auto got = get(number, offset(part), length);
            if (!got) return got;
            got->resize(length);  // what follows keeps its place
            append(all, *got);
        }
        return all;
    }

    Result<void> tidy(const ChunkRange& range) override
    {
        if (range.count == 0) return {};
        const std::lock_guard lock{tidying_};
        if (const auto done = remove_superseded(); !done) return done;
        if (range.first == 0) listed_ = {};
        const bool is_last = range.end() >= batch_.chunks;
        for (int pages = 0; pages < pages_at_once; ++pages) {
            if (!listed_.has_more ||
                (!is_last && listed_.up_to > (range.end() - 1) / object_chunks))
                return {};
            const auto page = place_.bucket_.page(name_ + "/", listed_.after);
            if (!page) return page.error();
            std::vector<std::string> unused;
            for (const auto& key : page->keys) {
                const auto name = name_of(name_, key);
                if (!name || generations_->is_used(*name)) continue;
                unused.push_back(key);
            }
            if (!unused.empty())
                if (const auto done = place_.bucket_.clean(unused); !done) return done;
            listed_.has_more = page->has_more;
            if (page->keys.empty()) return {};
            listed_.after = page->keys.back();
            if (const auto last = name_of(name_, listed_.after)) listed_.up_to = last->number;
        }
        return {};
    }

private:
    /// How far the keys of this batch were looked at, in this round of the scrub.
    struct Listed {
        std::string after;
        std::uint64_t up_to{};  ///< object
        bool has_more = true;
    };
    static constexpr int pages_at_once = 4;

    Result<void> remove_superseded()
    {
        const auto names = generations_->take_superseded(bucket_answers::most_keys);
        if (names.empty()) return {};
        std::vector<std::string> keys;
        for (const auto& name : names) keys.push_back(key_of(name_, name));
        return place_.bucket_.clean(keys);
    }

    /// Of the generation that counts, which may become another one meanwhile.
    Result<Bytes> get(std::uint64_t number, std::uint64_t first, std::uint64_t count)
    {
        for (int tries = 0;; ++tries) {
            const auto generation = generations_->current(number);
            auto got = place_.bucket_.get(key_of(name_, {number, generation}), first, count);
            if (!got || got->size() == count || tries == 3 ||
                generations_->current(number) == generation)
                return got;
        }
    }

    static std::uint64_t offset(const ChunkRange& part)
    {
        return part.first % object_chunks * chunk_bytes;
    }

    /// As far as it is there.
    ByteView chunk_in(const Bytes& object, std::uint64_t index) const
    {
        const auto at = std::min<std::size_t>(offset({index, 1}), object.size());
        return ByteView{object}.subspan(
            at,
            std::min<std::size_t>(transfer::range_bytes(batch_, {index, 1}), object.size() - at));
    }

    Result<void> write_object(std::uint64_t number, const ChunkRange& part, ByteView bytes,
                              const Holds& holds)
    {
        auto& own = place_.objects_[std::hash<std::string>{}(key_of(name_, {number, 0})) %
                                    place_.objects_.size()];
        const std::lock_guard lock{own};
        const auto whole = chunks_of(batch_, number);
        if (part == whole) return put(number, {bytes.begin(), bytes.end()});
        auto object = get(number, 0, transfer::range_bytes(batch_, whole));
        if (!object) return object.error();
        for (auto i = whole.first; i < whole.end(); ++i)
            if ((i < part.first || i >= part.end()) && !holds(i, chunk_in(*object, i)))
                return Error{ErrorKind::unavailable,
                             "a chunk beside these did not come as it was put: nothing is written"};
        object->resize(std::max<std::size_t>(object->size(), offset(part) + bytes.size()));
        std::ranges::copy(bytes, object->begin() + static_cast<std::ptrdiff_t>(offset(part)));
        return put(number, std::move(*object));
    }

    Result<void> put(std::uint64_t number, Bytes object)
    {
        const auto name = generations_->begin(number);
        auto done = place_.bucket_.put(key_of(name_, name), std::move(object));
        generations_->end(name, done.has_value());
        return done;
    }

    BucketChunks& place_;
    const std::string name_;
    const BatchSummary batch_;
    const std::unique_ptr<ObjectGenerations> generations_;
    std::mutex tidying_;
    Listed listed_;
};

Result<void> BucketChunks::create(const Of& of)
{
    return erase(of);
}

Result<std::shared_ptr<ChunkBytes>> BucketChunks::open(const Of& of, const BatchSummary& batch)
{
    auto generations = ObjectGenerations::open(disk_, of.folder, path_of(of), objects_of(batch));
    if (!generations) return generations.error();
    return std::make_shared<ChunksOfBucket>(*this, of.name, batch, std::move(*generations));
}

Result<void> BucketChunks::erase(const Of& of)
{
    std::string before;
    for (;;) {
        const auto keys = bucket_.list(of.name + "/");
        if (!keys) return keys.error();
        if (keys->empty()) break;
        if (keys->front() == before)
            return Error{ErrorKind::unavailable, "objects in the bucket do not go away"};
        if (const auto done = bucket_.remove(*keys); !done) return done;
        before = keys->front();
    }
    const auto done = disk_.remove(path_of(of));
    if (!done && done.error().kind != ErrorKind::not_found) return done;
    return {};
}

ChunkRange BucketChunks::written_with(const BatchSummary& batch, const ChunkRange& range) const
{
    const auto first = range.first - range.first % object_chunks;
    const auto last = chunks_of(batch, (range.end() - 1) / object_chunks);
    return {first, last.end() - first};
}

std::uint64_t BucketChunks::bytes_of(const BatchSummary& batch, const ChunkSet& have) const
{
    std::uint64_t bytes = 0;
    for (std::uint64_t number = 0; number * object_chunks < batch.chunks; ++number)
        bytes += bytes_up_to(batch, number, end_in(batch, number, have));
    return bytes;
}

std::uint64_t BucketChunks::room_for(const BatchSummary& batch, const ChunkSet& have,
                                     const ChunkRange& range) const
{
    std::uint64_t bytes = 0;
    for (auto number = range.first / object_chunks; number * object_chunks < range.end();
         ++number) {
        const auto before = end_in(batch, number, have);
        const auto after = std::max(before, part_of(batch, range, number).end());
        bytes += bytes_up_to(batch, number, after) - bytes_up_to(batch, number, before);
    }
    return bytes;
}

}  // namespace node
