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

Result<Bytes> SnapshotServer::on_get_snapshot(ByteView payload) const
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
    if (auto manifest = library_.manifest(*asked->id)) reply.manifest = std::move(*manifest);
    return encode(SnapshotReply{std::move(reply)});
}

Result<Bytes> SnapshotServer::on_get_chunk(const PublicKey& from, ByteView payload,
                                           std::uint64_t now_ms)
{
    const auto asked = decode_get_snapshot_chunk(payload);
    if (!asked) return asked.error();
    SnapshotChunkReply reply{asked->id, asked->index, ChunkReplyKind::busy, {}};
    if (!began_) all_ = {burst(limits_.all_bytes_per_s), now_ms};
    began_ = true;
    auto peer = peers_.find(from);
    if (peer == peers_.end()) {
        if (peers_.size() >= limits_.peers) return encode(reply);
        peer = peers_.emplace(from, Allowance{burst(limits_.peer_bytes_per_s), now_ms}).first;
    }
    refill(all_, limits_.all_bytes_per_s, now_ms);
    refill(peer->second, limits_.peer_bytes_per_s, now_ms);
    if (all_.bytes <= 0 || peer->second.bytes <= 0) return encode(reply);
    if (auto bytes = library_.chunk(asked->id, asked->index)) {
        const auto sent = static_cast<std::int64_t>(bytes->size());
        all_.bytes -= sent;
        peer->second.bytes -= sent;
        reply.kind = ChunkReplyKind::here;
        reply.bytes = std::move(*bytes);
    } else {
        reply.kind = ChunkReplyKind::missing;
    }
    return encode(reply);
}

}  // namespace node
