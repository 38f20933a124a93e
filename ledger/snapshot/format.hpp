#pragma once

#include "ledger/consensus/checks.hpp"
#include "ledger/state/history.hpp"
#include "ledger/state/range_proof.hpp"

#include <cstdint>
#include <vector>

/// A snapshot: the whole state after one final block, in chunks that are each checked alone. Pure.
namespace ledger {

struct SnapshotLimits {
    static constexpr std::size_t chunk_bytes = 2 * 1024 * 1024;  ///< encoded, proof included
    static constexpr std::size_t manifest_bytes = 255 * 1024;
    static constexpr std::size_t chunks = 6'000;  ///< so that a manifest fits one message
    static constexpr std::size_t path_headers = 64;
};

/// What a snapshot is of and how it is cut: the same on every node that cuts alike.
struct SnapshotContent {
    std::uint16_t version = 1;
    ChainId chain_id;
    Height height;  ///< above 0
    BlockId block;
    Hash state_root;
    Bytes history;            ///< HistoryTree over the ids of all blocks before this one
    std::vector<Hash> ends;   ///< last key hash of each chunk, ascending; of the last all ones
    std::uint64_t entries{};  ///< of the state; a hint that nothing proves
    std::uint64_t bytes{};    ///< of all keys and values; a hint
    friend bool operator==(const SnapshotContent&, const SnapshotContent&) = default;
};
MILLRACE_DESCRIBE(SnapshotContent,
                  (version, chain_id, height, block, state_root, history, ends, entries, bytes))

/// Headers from the snapshot's block on, each the next one's parent, and F of the last.
struct SnapshotFinality {
    std::vector<Header> path;
    Certificate finalized;
    friend bool operator==(const SnapshotFinality&, const SnapshotFinality&) = default;
};
MILLRACE_DESCRIBE(SnapshotFinality, (path, finalized))

/// The certificates of two nodes may differ, the content does not.
struct SnapshotManifest {
    SnapshotContent content;
    SnapshotFinality finality;
    friend bool operator==(const SnapshotManifest&, const SnapshotManifest&) = default;
};
MILLRACE_DESCRIBE(SnapshotManifest, (content, finality))

/// Tagged SHA-256 of the content under `millrace/snapshot`.
Hash snapshot_id(const SnapshotContent& content);

Bytes encode_manifest(const SnapshotManifest& manifest);
/// `full` when it is too long, `invalid` when it is not the one encoding of a manifest within its
/// limits. Says nothing about finality.
Result<SnapshotManifest> decode_manifest(ByteView bytes);

/// That the block is final in `epoch`, and that the content is what its header says. `invalid`
/// names what is wrong. The epoch must come from a trusted chain of seals.
Result<void> check_manifest(const SnapshotManifest& manifest, const consensus::Epoch& epoch,
                            consensus::CertificateChecker& checker);

/// Key hashes from `first` to `last`, both included.
struct ChunkRange {
    Hash first;
    Hash last;
};
/// `index` is below the number of `ends`.
ChunkRange range_of_chunk(const SnapshotContent& content, std::size_t index);
/// The key hash after one that is not all ones.
Hash next_key_hash(Hash key_hash);
/// The last of all key hashes.
Hash last_key_hash();

struct SnapshotEntry {
    Bytes key;
    Bytes value;
    friend bool operator==(const SnapshotEntry&, const SnapshotEntry&) = default;
};
MILLRACE_DESCRIBE(SnapshotEntry, (key, value))

/// All entries of one range, ascending by the hashes of their keys.
struct SnapshotChunk {
    std::vector<SnapshotEntry> entries;
    RangeProof proof;
    friend bool operator==(const SnapshotChunk&, const SnapshotChunk&) = default;
};
MILLRACE_DESCRIBE(SnapshotChunk, (entries, proof))

/// A chunk with the hashes that its check has computed, in the same order.
struct CheckedChunk {
    std::vector<SnapshotEntry> entries;
    std::vector<RangeEntry> hashes;
};

/// That the bytes are chunk `index` of this content: exactly what the state root commits to in
/// its range. `full` when too long, `invalid` otherwise; the detail names the chunk.
Result<CheckedChunk> check_chunk(const SnapshotContent& content, std::size_t index, ByteView bytes);

}  // namespace ledger
