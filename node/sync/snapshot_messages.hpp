#pragma once

#include "ledger/snapshot/format.hpp"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

/// What peers say to each other about snapshots: the payloads of get_snapshot, snapshot,
/// get_snapshot_chunk and snapshot_chunk of node/transport/channels.hpp. Pure.
namespace node {

struct SnapshotMessageLimits {
    static constexpr std::size_t offers = 16;
    static constexpr std::size_t request_bytes = 64;
    static constexpr std::size_t reply_bytes = 256 * 1024;
    static constexpr std::size_t chunk_reply_bytes = ledger::SnapshotLimits::chunk_bytes + 64;
};

/// A snapshot somebody has; only its manifest proves anything.
struct SnapshotOffer {
    ledger::Hash id;
    ledger::Height height;
    friend bool operator==(const SnapshotOffer&, const SnapshotOffer&) = default;
};
MILLRACE_DESCRIBE(SnapshotOffer, (id, height))

/// get_snapshot: which ones are there, or with an id the manifest of one.
struct GetSnapshot {
    std::optional<ledger::Hash> id;
    friend bool operator==(const GetSnapshot&, const GetSnapshot&) = default;
};
MILLRACE_DESCRIBE(GetSnapshot, (id))

/// snapshot: the answer to the first question...
struct SnapshotList {
    std::vector<SnapshotOffer> offers;
    friend bool operator==(const SnapshotList&, const SnapshotList&) = default;
};
MILLRACE_DESCRIBE(SnapshotList, (offers))
/// ...or to the second; without a manifest when it is not there (any more).
struct SnapshotManifestReply {
    ledger::Hash id;
    std::optional<ledger::SnapshotManifest> manifest;
    friend bool operator==(const SnapshotManifestReply&, const SnapshotManifestReply&) = default;
};
MILLRACE_DESCRIBE(SnapshotManifestReply, (id, manifest))
using SnapshotReply = std::variant<SnapshotList, SnapshotManifestReply>;

struct GetSnapshotChunk {
    ledger::Hash id;
    std::uint32_t index{};
    friend bool operator==(const GetSnapshotChunk&, const GetSnapshotChunk&) = default;
};
MILLRACE_DESCRIBE(GetSnapshotChunk, (id, index))

enum class ChunkReplyKind : std::uint8_t {
    here,
    missing,  ///< the chunk or the whole snapshot
    busy,     ///< ask again later
};
BOOST_DESCRIBE_ENUM(ChunkReplyKind, here, missing, busy)

struct SnapshotChunkReply {
    ledger::Hash id;
    std::uint32_t index{};
    ChunkReplyKind kind{};
    ledger::Bytes bytes;  ///< empty unless it is here
    friend bool operator==(const SnapshotChunkReply&, const SnapshotChunkReply&) = default;
};
MILLRACE_DESCRIBE(SnapshotChunkReply, (id, index, kind, bytes))

ledger::Bytes encode(const GetSnapshot&);
ledger::Bytes encode(const SnapshotReply&);
ledger::Bytes encode(const GetSnapshotChunk&);
ledger::Bytes encode(const SnapshotChunkReply&);

/// `full` when longer than such a message may be, checked first; `invalid` when the bytes are not
/// its one encoding. Manifests are within their limits; nothing else about them is checked.
ledger::Result<GetSnapshot> decode_get_snapshot(ledger::ByteView);
ledger::Result<SnapshotReply> decode_snapshot_reply(ledger::ByteView);
ledger::Result<GetSnapshotChunk> decode_get_snapshot_chunk(ledger::ByteView);
ledger::Result<SnapshotChunkReply> decode_chunk_reply(ledger::ByteView);

}  // namespace node
