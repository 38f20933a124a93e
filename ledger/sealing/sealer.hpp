#pragma once

#include "ledger/crypto/merkle.hpp"
#include "ledger/sealing/batch_key.hpp"
#include "ledger/sealing/leaf_table.hpp"

#include <functional>

namespace ledger::sealing {

/// Seals a stream of any length into one batch; holds one chunk of text at a time, which it
/// overwrites. One thread at a time.
class Sealer {
public:
    /// Told each sealed chunk in order; an error ends the sealing.
    using Take = std::function<Result<void>(ByteView sealed, const Leaf& leaf)>;

    Sealer(const SecretKey& batch, const Hash& dataset, Take take);
    ~Sealer();
    Sealer(const Sealer&) = delete;
    Sealer& operator=(const Sealer&) = delete;

    /// Errors: what `take` returned; `full` beyond `most_chunks`. After one, nothing works.
    Result<void> write(ByteView more);
    /// Seals what is left as the last chunk, be it empty.
    Result<BatchSummary> finish();

    std::uint64_t bytes_read() const { return bytes_read_; }

private:
    Result<void> seal_pending(bool is_last);
    Result<void> seal_next(ByteView plain, bool is_last);

    PublicKey point_;
    SecretBytes data_key_;
    Hash dataset_;
    Take take_;
    Bytes pending_;  ///< a full chunk waits here until it is known whether it is the last
    MerkleBuilder tree_;
    std::uint64_t chunks_ = 0;
    std::uint64_t sealed_bytes_ = 0;
    std::uint64_t bytes_read_ = 0;
};

}  // namespace ledger::sealing
