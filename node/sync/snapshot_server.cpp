#include "node/sync/snapshot_server.hpp"

#include <algorithm>

namespace node {

using namespace ledger;

namespace {

std::int64_t burst(std::uint64_t per_s)
{
    return static_cast<std::int64_t>(std::max<std::uint64_t>(2 * per_s, 1));
}

}  // namespace

void SnapshotServer::refill(Allowance& allowance, std::uint64_t per_s, std::uint64_t now_ms)
{
    // More than two seconds fill it anyway: no product overflows.
    const auto ms = std::min<std::uint64_t>(now_ms - allowance.filled_ms, 4'000);
    allowance.bytes =
        std::min(burst(per_s), allowance.bytes + static_cast<std::int64_t>(per_s * ms / 1'000));
    allowance.filled_ms = now_ms;
}

SnapshotServer::Allowance* SnapshotServer::allowance_of(const PublicKey& peer, std::uint64_t now_ms)
{
    if (!began_) all_ = {burst(limits_.all_bytes_per_s), now_ms};
    began_ = true;
    auto found = peers_.find(peer);
    if (found == peers_.end()) {
        if (peers_.size() >= limits_.peers) return nullptr;
        found = peers_.emplace(peer, Allowance{burst(limits_.peer_bytes_per_s), now_ms}).first;
    }
    refill(all_, limits_.all_bytes_per_s, now_ms);
    refill(found->second, limits_.peer_bytes_per_s, now_ms);
    return &found->second;
}

void SnapshotServer::spend(Allowance& peer, std::size_t bytes)
{
    all_.bytes -= static_cast<std::int64_t>(bytes);
    peer.bytes -= static_cast<std::int64_t>(bytes);
}

Result<Bytes> SnapshotServer::on_get_snapshot(const PublicKey& from, ByteView payload,
                                              std::uint64_t now_ms)
{
    const auto asked = decode_get_snapshot(payload);
    if (!asked) return asked.error();
    if (!asked->id) {
        auto offers = library_.offers();
        if (offers.size() > SnapshotMessageLimits::offers)
            offers.resize(SnapshotMessageLimits::offers);
        return encode(SnapshotReply{SnapshotList{std::move(offers)}});
    }
    SnapshotManifestReply reply{*asked->id, {}};
    auto* peer = allowance_of(from, now_ms);
    if (!peer || peer->bytes <= -burst(limits_.peer_bytes_per_s) ||
        all_.bytes <= -burst(limits_.all_bytes_per_s))
        return encode(SnapshotReply{std::move(reply)});
    if (auto manifest = library_.manifest(*asked->id)) reply.manifest = std::move(*manifest);
    auto encoded = encode(SnapshotReply{std::move(reply)});
    spend(*peer, encoded.size());
    return encoded;
}

Result<Bytes> SnapshotServer::on_get_chunk(const PublicKey& from, ByteView payload,
                                           std::uint64_t now_ms)
{
    const auto asked = decode_get_snapshot_chunk(payload);
    if (!asked) return asked.error();
    SnapshotChunkReply reply{asked->id, asked->index, ChunkReplyKind::busy, {}};
    auto* peer = allowance_of(from, now_ms);
    if (!peer || all_.bytes <= 0 || peer->bytes <= 0) return encode(reply);
    if (auto bytes = library_.chunk(asked->id, asked->index)) {
        spend(*peer, bytes->size());
        reply.kind = ChunkReplyKind::here;
        reply.bytes = std::move(*bytes);
    } else {
        reply.kind = ChunkReplyKind::missing;
    }
    return encode(reply);
}

}  // namespace node
