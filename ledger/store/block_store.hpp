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
#include <utility>
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
/// False for a base: the encodings of a body and of receipts are never empty.
inline bool has_body(const StoredBlock& block)
{
    return !block.body.empty();
}

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
    /// Blocks further back from the tip are dropped, but for block 0; 0 and an archive keep all.
    std::uint64_t keep_blocks = 0;
    std::size_t cache_bytes = std::size_t{256} << 20;
    /// For values of the state used lately.
    std::size_t state_cache_bytes = std::size_t{64} << 20;
    std::size_t write_buffer_bytes = std::size_t{32} << 20;  ///< per table, several tables
};

/// What a store begins with that does not begin at genesis. Nothing in it is checked here.
struct StoreBase {
    StoredBlock genesis;  ///< block 0, whole
    StoredBlock block;    ///< where the store begins: header, id and certificate; the rest empty
    Hash root;            ///< of the state tree after it
    HistoryTree history;  ///< over the ids of all blocks up to it
};

/// Entries of the state and nodes of its tree, for a store that is filled before it begins.
struct StorePart {
    std::vector<std::pair<Bytes, Bytes>> entries;
    std::vector<std::pair<Bytes, Bytes>> nodes;  ///< by node key, of the version of the base
};

/// Under this name the frontier of the history tree stands in put_meta, as HistoryTree encodes it.
inline constexpr std::string_view frontier_meta = "history";

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

    /// Lowest height from which on every block is there, besides block 0: 0 unless older ones were
    /// dropped or the store began at a base. Of the block at such a base, body and receipts are
    /// empty. Never sinks. Empty before genesis.
    virtual std::optional<Height> base() const = 0;

    /// Fills a store without blocks, part by part, in any order, each entry once. Nothing of it
    /// is durable, or meant to be read, before `begin`.
    [[nodiscard]] virtual Result<void> load(const StorePart& part) = 0;
    /// Ends the filling: the store stands at the base's block, with a checkpoint of it and
    /// frontier_meta, and all of that is durable. After a crash before, the folder is of no use.
    [[nodiscard]] virtual Result<void> begin(const StoreBase& base) = 0;

    /// Adds a block at tip + 1 (0 is genesis) with all it changes, visible at once and as a
    /// whole; durable without the log only after the next checkpoint.
    [[nodiscard]] virtual Result<void> append(const BlockCommit& commit) = 0;

    /// Writes the tree's nodes as of `changes.version`, not above the tip, and makes everything
    /// so far durable. `applied_seq` is not above that of the tip. Also drops what is older than
    /// `keep_versions` and, in steps, blocks older than `keep_blocks` and than this checkpoint.
    [[nodiscard]] virtual Result<void> checkpoint(const TreeChanges& changes,
                                                  std::uint64_t applied_seq) = 0;

    /// `not_found` above the tip, and with "pruned" in the detail below `base`. The same of the
    /// next two.
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

    /// A node of the history tree that some block completed; nullopt when none did. A store with
    /// a base has of older ones only those of the base's frontier.
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
