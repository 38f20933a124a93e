#include "node/sync/snapshot_messages.hpp"

#include "node/transport/channels.hpp"
#include "tests/support/snapshot_network.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;

TEST(SnapshotMessages, ReadAsTheyWereWritten)
{
    const SnapshotWorld world{{.entries = 10}};
    MemoryLibrary library;
    library.add(world);
    const auto& [id, book] = *library.books.begin();
    const GetSnapshot list{};
    const GetSnapshot manifest{id};
    EXPECT_EQ(*decode_get_snapshot(encode(list)), list);
    EXPECT_EQ(*decode_get_snapshot(encode(manifest)), manifest);
    const SnapshotReply offers{SnapshotList{library.offers()}};
    const SnapshotReply full{SnapshotManifestReply{id, book.manifest}};
    const SnapshotReply none{SnapshotManifestReply{id, {}}};
    for (const auto& reply : {offers, full, none})
        EXPECT_EQ(*decode_snapshot_reply(encode(reply)), reply);
    const GetSnapshotChunk ask{id, 7};
    EXPECT_EQ(*decode_get_snapshot_chunk(encode(ask)), ask);
    const SnapshotChunkReply here{id, 7, ChunkReplyKind::here, book.chunks[0]};
    EXPECT_EQ(*decode_chunk_reply(encode(here)), here);
}

TEST(SnapshotMessages, AreRefusedWhenTooLongBeforeTheyAreRead)
{
    EXPECT_EQ(decode_get_snapshot(Bytes(65)).error().kind, ErrorKind::full);
    EXPECT_EQ(decode_get_snapshot_chunk(Bytes(65)).error().kind, ErrorKind::full);
    EXPECT_EQ(decode_snapshot_reply(Bytes(256 * 1024 + 1)).error().kind, ErrorKind::full);
    EXPECT_EQ(decode_chunk_reply(Bytes(SnapshotLimits::chunk_bytes + 65)).error().kind,
              ErrorKind::full);
}

TEST(SnapshotMessages, AreRefusedUnlessTheyAreTheOneEncoding)
{
    auto ask = encode(GetSnapshotChunk{{}, 7});
    ask.push_back(0);
    EXPECT_EQ(decode_get_snapshot_chunk(ask).error().kind, ErrorKind::invalid);
    EXPECT_EQ(decode_snapshot_reply({}).error().kind, ErrorKind::invalid);
    EXPECT_EQ(decode_snapshot_reply(Bytes{2}).error().kind, ErrorKind::invalid);
    SnapshotList many;
    many.offers.resize(17);
    EXPECT_EQ(decode_snapshot_reply(encode(SnapshotReply{many})).error().kind, ErrorKind::invalid);
    EXPECT_EQ(decode_chunk_reply(encode(SnapshotChunkReply{{}, 0, ChunkReplyKind::busy, {1}}))
                  .error()
                  .kind,
              ErrorKind::invalid);
    // A manifest without chunks is none.
    EXPECT_EQ(
        decode_snapshot_reply(encode(SnapshotReply{SnapshotManifestReply{{}, SnapshotManifest{}}}))
            .error()
            .kind,
        ErrorKind::invalid);
}

TEST(SnapshotMessages, FitTheFramesTheyTravelIn)
{
    const auto most = [](MessageKind kind) { return rule_of(kind)->most; };
    EXPECT_LE(SnapshotMessageLimits::request_bytes, most(message::get_snapshot));
    EXPECT_LE(SnapshotMessageLimits::request_bytes, most(message::get_snapshot_chunk));
    EXPECT_LE(SnapshotMessageLimits::reply_bytes, most(message::snapshot));
    EXPECT_LE(SnapshotMessageLimits::chunk_reply_bytes, most(message::snapshot_chunk));
    EXPECT_LE(SnapshotLimits::manifest_bytes + 34, SnapshotMessageLimits::reply_bytes);
}

}  // namespace
}  // namespace node
