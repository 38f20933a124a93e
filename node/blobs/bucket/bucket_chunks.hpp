#pragma once

#include "node/blobs/bucket/bucket.hpp"
#include "node/blobs/store/chunk_place.hpp"

#include <array>

namespace node {

/// Chunks in a bucket, as many as fit a MiB in one object: ROOT/NUMBER-GENERATION below the
/// bucket's prefix, NUMBER of eight digits, GENERATION of sixteen hex digits. Each stands at its
/// place in it, with zeros for those before it that are not there, so that a part of an object is
/// as good as the whole. A chunk that comes alone is written with what its object has already: that
/// makes another generation (ObjectGenerations), and the one before is removed when the next
/// chunks are written or the scrub comes by. No key is ever written twice. ROOT/NUMBER, as keys
/// were before there were generations, is read where an object has none.
class BucketChunks final : public ChunkPlace {
public:
    /// Which generations count is kept on `disk`. The referred-to must outlive this, and nobody
    /// else may write below the bucket's prefix.
    BucketChunks(Bucket& bucket, ledger::Disk& disk) : bucket_{bucket}, disk_{disk} {}

    ledger::Result<void> create(const Of&) override;
    ledger::Result<std::shared_ptr<ChunkBytes>> open(const Of&, const BatchSummary&) override;
    ledger::Result<void> erase(const Of&) override;
    /// With the zeros.
    ChunkRange written_with(const BatchSummary&, const ChunkRange&) const override;
    std::uint64_t bytes_of(const BatchSummary&, const ChunkSet& have) const override;
    std::uint64_t room_for(const BatchSummary&, const ChunkSet& have,
                           const ChunkRange&) const override;
    /// Stores refuse what was signed more than 15 minutes ago; the rest is for clocks and patience.
    std::chrono::seconds lateness() const override { return std::chrono::hours{1}; }
    std::string label() const override { return bucket_.address().label(); }

private:
    friend class ChunksOfBucket;

    Bucket& bucket_;
    ledger::Disk& disk_;
    /// Of objects, by their keys: only one thread at a time reads one and writes it again.
    std::array<std::mutex, 64> objects_;
};

}  // namespace node
