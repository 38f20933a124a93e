#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"
#include "ledger/state/history.hpp"
#include "ledger/state/view.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace ledger {

struct TreeChanges;

/// Canonical encodings, which the store neither reads nor checks: who decodes a block recomputes
/// its id from the header, and the roots in the header from body and receipts. The certificate
/// proves itself.
struct StoredBlock {
    Height height;
    BlockId id;
    Bytes header;
    Bytes body;
    Bytes receipts;
    Bytes certificate;
    friend bool operator==(const StoredBlock&, const StoredBlock&) = default;
};

/// The transaction is the `index`-th of the block's body, from 0.
struct TxLocation {
    Height height;
    std::uint32_t index;
    friend bool operator==(const TxLocation&, const TxLocation&) = default;
};

/// All that one block changes, applied at once.
struct BlockCommit {
    StoredBlock block;
    std::vector<TxId> tx_ids;  ///< in the order of the body; a TxId is found where it came last
    StateDiff state;
    std::uint64_t applied_seq;              ///< the log up to this record is contained in the store
    std::vector<HistoryNode> history = {};  ///< completed by this block, of whichever levels
};

/// Up to here the store stands without the log.
struct Checkpoint {
    Height height;
    Hash root;  ///< of the state tree at `height`
    std::uint64_t applied_seq;
    friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

struct StoreOptions {
    /// State history and tree versions reach back this many blocks from the tip...
    std::uint64_t keep_versions = 1000;
    /// ...or, in an archive, to genesis.
    bool archive = false;
    std::size_t cache_bytes = std::size_t{256} << 20;
    /// For values of the state used lately.
    std::size_t state_cache_bytes = std::size_t{64} << 20;
    std::size_t write_buffer_bytes = std::size_t{32} << 20;  ///< per table, several tables
};

/// The append-only record: every block, the state the blocks lead to, and the nodes of the state
/// tree. Derived from the log: after a crash it stands at some block at or before the newest
/// appended and at or after the last checkpoint, all of its parts at the same one; the log is
/// replayed from `applied_seq() + 1`.
///
/// Errors: `io` and `full` when the disk refuses, `corrupt` when stored bytes are not what was
/// written (named in the detail, never served), `not_found`. After a failed append or checkpoint
/// every later one fails too.
/// Threads: one at a time calls the functions that are not const, and `state`; the other const
/// ones may be called by any thread meanwhile. Keys are at most 65,535 bytes long.
class BlockStore {
public:
    virtual ~BlockStore() = default;

    /// Height of the newest block; empty before genesis.
    virtual std::optional<Height> tip() const = 0;

    /// Adds a block at tip + 1 (0 is genesis) with all it changes, visible at once and as a
    /// whole; durable without the log only after the next checkpoint.
    [[nodiscard]] virtual Result<void> append(const BlockCommit& commit) = 0;

    /// Writes the tree's nodes as of `changes.version`, not above the tip, and makes everything
    /// so far durable. `applied_seq` is not above that of the tip. Also drops what is older than
    /// `keep_versions`.
    [[nodiscard]] virtual Result<void> checkpoint(const TreeChanges& changes,
                                                  std::uint64_t applied_seq) = 0;

    virtual Result<StoredBlock> block(Height height) const = 0;
    virtual Result<Height> height_of(const BlockId& id) const = 0;
    virtual Result<TxLocation> find_tx(const TxId& id) const = 0;

    /// The state at the tip, for the appending thread only. Lives as long as the store.
    virtual const StateView& state() const = 0;
    /// The state as it is now, whatever is appended later, for any thread; must not outlive the
    /// store. Holding one for long keeps old data on disk.
    virtual Result<std::unique_ptr<StateView>> snapshot() const = 0;
    /// The value `key` had after block `height`; `not_found` above the tip and before the
    /// history kept.
    virtual Result<std::optional<Bytes>> state_at(ByteView key, Height height) const = 0;

    /// A node of the history tree that some block completed; nullopt when none did.
    virtual Result<std::optional<Hash>> history_node(std::uint8_t level,
                                                     std::uint64_t index) const = 0;

    /// A node written by a checkpoint and not yet dropped; nullopt when there is none.
    virtual Result<std::optional<Bytes>> tree_node(ByteView node_key) const = 0;
    virtual std::optional<Checkpoint> last_checkpoint() const = 0;
    /// Of the newest block; 0 before genesis.
    virtual std::uint64_t applied_seq() const = 0;

    /// Small things of the node that fit nowhere else; durable at the next checkpoint.
    [[nodiscard]] virtual Result<void> put_meta(std::string_view name, ByteView value) = 0;
    virtual Result<std::optional<Bytes>> get_meta(std::string_view name) const = 0;

    /// Reads every file and checks every sum: minutes on a large store. Any thread.
    virtual Result<void> verify_files() const = 0;
};

/// Keeps everything in memory; for tests and simulations.
std::unique_ptr<BlockStore> make_memory_store(const StoreOptions& options = {});

/// Opens or creates a RocksDB store in `folder`. `denied` when another process holds it.
Result<std::unique_ptr<BlockStore>> open_rocks_store(const std::filesystem::path& folder,
                                                     const StoreOptions& options = {});

}  // namespace ledger
