#include "node/blobs/bucket/bucket_chunks.hpp"

#include "ledger/transfer/checks.hpp"

#include <fmt/format.h>

#include <algorithm>

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
    ChunksOfBucket(BucketChunks& place, std::string name, const BatchSummary& batch)
        : place_{place}, name_{std::move(name)}, batch_{batch}
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
        return {};
    }
    Result<void> sync() override { return {}; }

    Result<Bytes> read(const ChunkRange& range) override
    {
        Bytes all;
        for (auto number = range.first / object_chunks; number * object_chunks < range.end();
             ++number) {
            const auto part = part_of(batch_, range, number);
            const auto length = transfer::range_bytes(batch_, part);
            auto got = place_.bucket_.get(key(number), offset(part), length);
            if (!got) return got;
            got->resize(length);  // what follows keeps its place
            append(all, *got);
        }
        return all;
    }

private:
    std::string key(std::uint64_t number) const { return fmt::format("{}/{:08}", name_, number); }
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
        const auto name = key(number);
        auto& own = place_.objects_[std::hash<std::string>{}(name) % place_.objects_.size()];
        const std::lock_guard lock{own};
        const auto whole = chunks_of(batch_, number);
        if (part == whole) return place_.bucket_.put(name, {bytes.begin(), bytes.end()});
        auto object = place_.bucket_.get(name, 0, transfer::range_bytes(batch_, whole));
        if (!object) return object.error();
        for (auto i = whole.first; i < whole.end(); ++i)
            if ((i < part.first || i >= part.end()) && !holds(i, chunk_in(*object, i)))
                return Error{ErrorKind::unavailable,
                             "a chunk beside these did not come as it was put: nothing is written"};
        object->resize(std::max<std::size_t>(object->size(), offset(part) + bytes.size()));
        std::ranges::copy(bytes, object->begin() + static_cast<std::ptrdiff_t>(offset(part)));
        return place_.bucket_.put(name, std::move(*object));
    }

    BucketChunks& place_;
    const std::string name_;
    const BatchSummary batch_;
};

Result<void> BucketChunks::create(const Of& of)
{
    return erase(of);
}

Result<std::shared_ptr<ChunkBytes>> BucketChunks::open(const Of& of, const BatchSummary& batch)
{
    return std::make_shared<ChunksOfBucket>(*this, of.name, batch);
}

Result<void> BucketChunks::erase(const Of& of)
{
    std::string before;
    for (;;) {
        const auto keys = bucket_.list(of.name + "/");
        if (!keys) return keys.error();
        if (keys->empty()) return {};
        if (keys->front() == before)
            return Error{ErrorKind::unavailable, "objects in the bucket do not go away"};
        if (const auto done = bucket_.remove(*keys); !done) return done;
        before = keys->front();
    }
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
