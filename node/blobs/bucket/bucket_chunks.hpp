#pragma once

#include "node/blobs/bucket/bucket.hpp"
#include "node/blobs/store/chunk_place.hpp"

#include <array>

namespace node {

/// Chunks in a bucket, as many as fit a MiB in one object: ROOT/NUMBER below the bucket's prefix,
/// NUMBER of eight digits. Each stands at its place in it, with zeros for those before it that are
/// not there, so that a part of an object is as good as the whole. A chunk that comes alone is
/// written with what its object has already: objects are replaced as a whole, never changed.
///
/// What is written is there for good: `sync` has nothing to do.
class BucketChunks final : public ChunkPlace {
public:
    /// `bucket` must outlive this, and nobody else may write below its prefix.
    explicit BucketChunks(Bucket& bucket) : bucket_{bucket} {}

    ledger::Result<void> create(const Of&) override;
    ledger::Result<std::shared_ptr<ChunkBytes>> open(const Of&, const BatchSummary&) override;
    ledger::Result<void> erase(const Of&) override;
    /// With the zeros.
    ChunkRange written_with(const BatchSummary&, const ChunkRange&) const override;
    std::uint64_t bytes_of(const BatchSummary&, const ChunkSet& have) const override;
    std::uint64_t room_for(const BatchSummary&, const ChunkSet& have,
                           const ChunkRange&) const override;
    std::string label() const override { return bucket_.address().label(); }

private:
    friend class ChunksOfBucket;

    Bucket& bucket_;
    /// Of objects, by their keys: only one thread at a time reads one and writes it again.
    std::array<std::mutex, 64> objects_;
};

}  // namespace node
