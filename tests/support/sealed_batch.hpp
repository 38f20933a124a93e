#pragma once

#include "ledger/transfer/batch_manifest.hpp"
#include "ledger/transfer/chunk_set.hpp"
#include "ledger/transfer/provider.hpp"

#include <cstdint>

namespace ledger {

/// A batch sealed in memory, and all that may be asked of it.
struct SealedBatch {
    transfer::BatchManifest manifest;
    Bytes leaves;
    Bytes sealed;

    sealing::BatchSummary summary() const { return manifest.summary(); }
    const Hash& root() const { return manifest.root; }
    Bytes leaf_part(const transfer::ChunkRange& range) const;
    Bytes chunk_part(const transfer::ChunkRange& range) const;
    /// What a node says that has all of it.
    transfer::WebReply answer(const transfer::WebCall& call) const;
};

/// Of so many full chunks of text and `rest` bytes more, different for each seed.
SealedBatch seal_batch(std::uint64_t seed, std::uint64_t full_chunks, std::size_t rest = 100);

}  // namespace ledger
