#pragma once

#include "ledger/transfer/batch_manifest.hpp"
#include "ledger/transfer/checks.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace node {

using ledger::sealing::BatchSummary;
using ledger::transfer::BatchManifest;
using ledger::transfer::ChunkRange;
using ledger::transfer::ChunkSet;

struct BatchLimits {
    std::uint64_t quota_bytes = std::uint64_t{10} << 30;  ///< of all that is stored
    std::size_t batches = 100'000;
    std::size_t open = 64;  ///< whose files and chunk bits are held ready
    /// For a batch that somebody else begins or removes just now, and for the room that it leaves.
    std::chrono::milliseconds patience{10'000};
};

/// Names of those who need a batch: at most so many, of 1 to 32 bytes of a-z, 0-9, '-', '.'.
inline constexpr std::size_t most_holders = 8;
inline constexpr std::size_t holder_bytes = 32;
bool is_holder(std::string_view name);

/// What is known of a stored batch.
struct BatchInfo {
    BatchSummary summary;
    std::uint64_t
        leaves{};  ///< received; all of them only once the root was seen to commit to them
    std::uint64_t present{};  ///< chunks
    std::uint64_t stored_bytes{};
    std::vector<std::string> holders;  ///< ascending
    std::uint64_t used_ms{};           ///< when it was last read or written, by the wall's clock

    bool has_table() const { return leaves == summary.chunks; }
    bool is_complete() const { return has_table() && present == summary.chunks; }
};

struct StoreUsage {
    std::uint64_t bytes{}, quota_bytes{}, batches{}, held_batches{};
};

/// What a look at some chunks found.
struct ScrubStep {
    std::uint64_t next{};  ///< chunk to go on from; the number of chunks at the end
    std::uint64_t bytes{};
    std::vector<std::uint64_t> damaged;  ///< thrown away, so that they are fetched again
    bool is_table_damaged = false;       ///< the same of the leaf table
};

/// Sealed batches by the root of their leaves. A leaf table counts once the root commits to it, a
/// chunk once it is the one that its leaf commits to and is on the disk, so that whatever is read
/// here is what the root says. Batches that somebody holds stay; the others make room for those,
/// the longest unused first.
///
/// Any thread; calls block on the disk. Errors: `not_found` for a batch, table or chunk that is
/// not there, `invalid` for what does not fit the batch, `full` beyond the limits or the disk,
/// `corrupt` for what is no longer what was written, `io`.
class BatchStore {
public:
    virtual ~BatchStore() = default;

    /// Makes room in the books for a batch; nothing happens when it is there with the same sizes.
    /// With a `holder` it is held from the start.
    [[nodiscard]] virtual ledger::Result<void> create(const BatchManifest& manifest,
                                                      const std::optional<std::string>& holder) = 0;
    /// The leaves from `first` on, in order: 0 begins anew. With the last of them the table is
    /// checked; `invalid` when the root commits to another one, and all leaves are forgotten.
    [[nodiscard]] virtual ledger::Result<void> put_leaves(const ledger::Hash& root,
                                                          std::uint64_t first,
                                                          ledger::ByteView leaves) = 0;
    /// Whole chunks from `first` on; how many of them, from the first, are the right ones. Those
    /// are kept, and count when `sync` returns.
    [[nodiscard]] virtual ledger::Result<std::uint64_t> put_chunks(const ledger::Hash& root,
                                                                   std::uint64_t first,
                                                                   ledger::ByteView bytes) = 0;
    [[nodiscard]] virtual ledger::Result<void> sync(const ledger::Hash& root) = 0;

    virtual ledger::Result<BatchManifest> manifest(const ledger::Hash& root) = 0;
    virtual ledger::Result<BatchInfo> info(const ledger::Hash& root) = 0;
    virtual ledger::Result<ChunkSet> have(const ledger::Hash& root) = 0;
    /// At most `piece_leaves`, `piece_chunks`. What is read was hashed again: a damaged chunk is
    /// thrown away, and `corrupt`.
    virtual ledger::Result<ledger::Bytes> leaves(const ledger::Hash& root,
                                                 const ChunkRange& range) = 0;
    virtual ledger::Result<ledger::Bytes> chunks(const ledger::Hash& root,
                                                 const ChunkRange& range) = 0;

    /// Held by this name, once however often it is said; `full` beyond `most_holders`.
    [[nodiscard]] virtual ledger::Result<void> pin(const ledger::Hash& root,
                                                   const std::string& holder) = 0;
    [[nodiscard]] virtual ledger::Result<void> unpin(const ledger::Hash& root,
                                                     const std::string& holder) = 0;
    /// `denied` while somebody holds it.
    [[nodiscard]] virtual ledger::Result<void> remove(const ledger::Hash& root) = 0;

    /// Reads and hashes at most `most` chunks from `from` on, and the table where `from` is 0.
    virtual ledger::Result<ScrubStep> scrub(const ledger::Hash& root, std::uint64_t from,
                                            std::uint64_t most) = 0;
    /// Removes batches that nobody holds, the longest unused first, until `bytes` are free below
    /// the quota; how many were freed.
    virtual ledger::Result<std::uint64_t> collect(std::uint64_t bytes) = 0;

    virtual StoreUsage usage() = 0;
    /// Roots behind `after`, ascending, at most `most`.
    virtual std::vector<ledger::Hash> list(const std::optional<ledger::Hash>& after,
                                           std::size_t most) = 0;
};

}  // namespace node
