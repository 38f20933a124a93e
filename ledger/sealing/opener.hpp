#pragma once

#include "ledger/sealing/batch_key.hpp"
#include "ledger/sealing/leaf_table.hpp"

namespace ledger::sealing {

/// Opens the chunks of a batch, in any order. The leaf table must outlive it. Any number of
/// threads.
class Opener {
public:
    /// `denied` when the key is not the one of the batch.
    static Result<Opener> make(const SecretKey& batch, const Hash& dataset,
                               const BatchSummary& summary, const LeafTable& leaves);

    /// The text of the sealed chunk `index`, or what is wrong with it. The caller wipes it.
    Result<Bytes, ChunkFault> open(std::uint64_t index, ByteView sealed) const;
    /// The key of one chunk, for a preview or a dispute.
    SecretBytes key_of(std::uint64_t index) const { return chunk_key(data_key_, index); }

private:
    Opener(SecretBytes data_key, const Hash& dataset, const LeafTable& leaves)
        : data_key_{std::move(data_key)}, dataset_{dataset}, leaves_{&leaves}
    {
    }

    SecretBytes data_key_;
    Hash dataset_;
    const LeafTable* leaves_;
};

}  // namespace ledger::sealing
