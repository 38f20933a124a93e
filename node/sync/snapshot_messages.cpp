#include "node/sync/snapshot_messages.hpp"

#include "ledger/codec/binary.hpp"

namespace node {

using namespace ledger;

namespace {

constexpr std::uint8_t list_tag = 0;
constexpr std::uint8_t manifest_tag = 1;

Error too_long()
{
    return {ErrorKind::full, "snapshot message: too long"};
}

Error invalid(const char* what)
{
    return {ErrorKind::invalid, std::string{"snapshot message: "} + what};
}

template <class Message>
Result<Message> decode_within(ByteView bytes, std::size_t limit)
{
    if (bytes.size() > limit) return too_long();
    return codec::decode<Message>(bytes);
}

}  // namespace

Bytes encode(const GetSnapshot& message)
{
    return codec::encode(message);
}

Bytes encode(const SnapshotReply& message)
{
    codec::Writer writer;
    writer.integer(message.index() == 0 ? list_tag : manifest_tag, 1);
    std::visit([&writer](const auto& reply) { writer.put(reply); }, message);
    return writer.take();
}

Bytes encode(const GetSnapshotChunk& message)
{
    return codec::encode(message);
}

Bytes encode(const SnapshotChunkReply& message)
{
    return codec::encode(message);
}

Result<GetSnapshot> decode_get_snapshot(ByteView bytes)
{
    return decode_within<GetSnapshot>(bytes, SnapshotMessageLimits::request_bytes);
}

Result<SnapshotReply> decode_snapshot_reply(ByteView bytes)
{
    if (bytes.size() > SnapshotMessageLimits::reply_bytes) return too_long();
    if (bytes.empty() || bytes[0] > manifest_tag) return invalid("unknown kind");
    const auto rest = bytes.subspan(1);
    if (bytes[0] == list_tag) {
        auto list = codec::decode<SnapshotList>(rest);
        if (!list) return list.error();
        if (list->offers.size() > SnapshotMessageLimits::offers) return invalid("too many offers");
        return SnapshotReply{std::move(*list)};
    }
    auto reply = codec::decode<SnapshotManifestReply>(rest);
    if (!reply) return reply.error();
    if (reply->manifest) {
        const auto within = decode_manifest(encode_manifest(*reply->manifest));
        if (!within) return within.error();
    }
    return SnapshotReply{std::move(*reply)};
}

Result<GetSnapshotChunk> decode_get_snapshot_chunk(ByteView bytes)
{
    return decode_within<GetSnapshotChunk>(bytes, SnapshotMessageLimits::request_bytes);
}

Result<SnapshotChunkReply> decode_chunk_reply(ByteView bytes)
{
    auto reply = decode_within<SnapshotChunkReply>(bytes, SnapshotMessageLimits::chunk_reply_bytes);
    if (!reply) return reply.error();
    if (reply->kind != ChunkReplyKind::here && !reply->bytes.empty())
        return invalid("bytes of a chunk that is not here");
    return reply;
}

}  // namespace node
