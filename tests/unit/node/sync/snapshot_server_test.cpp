#include "node/sync/shelf_library.hpp"
#include "tests/support/snapshot_network.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;

struct SnapshotServerTest : testing::Test {
    SnapshotWorld world{{}};
    MemoryLibrary library;
    const Hash id = [this] {
        library.add(world);
        return library.books.begin()->first;
    }();
    SnapshotChunkReply ask(SnapshotServer& server, std::uint8_t peer, std::uint32_t index,
                           std::uint64_t now_ms) const
    {
        const auto payload = server.on_get_chunk(SnapshotNetwork::name(peer),
                                                 encode(GetSnapshotChunk{id, index}), now_ms);
        EXPECT_TRUE(payload);
        return *decode_chunk_reply(*payload);
    }
    static Result<Bytes> ask_snapshot(SnapshotServer& server, const Bytes& question,
                                      std::uint64_t now_ms = 0)
    {
        return server.on_get_snapshot(SnapshotNetwork::name(1), question, now_ms);
    }
};

TEST_F(SnapshotServerTest, ListsShowsAndGivesOut)
{
    SnapshotServer server{library, {}};
    const auto list = decode_snapshot_reply(*ask_snapshot(server, encode(GetSnapshot{})));
    EXPECT_EQ(std::get<SnapshotList>(*list).offers, (std::vector<SnapshotOffer>{{id, {5}}}));
    const auto shown = decode_snapshot_reply(*ask_snapshot(server, encode(GetSnapshot{id})));
    EXPECT_EQ(std::get<SnapshotManifestReply>(*shown).manifest, library.books[id].manifest);
    const auto chunk = ask(server, 1, 2, 0);
    EXPECT_EQ(chunk.kind, ChunkReplyKind::here);
    EXPECT_EQ(chunk.bytes, library.books[id].chunks[2]);
}

TEST_F(SnapshotServerTest, SaysWhatItDoesNotHave)
{
    SnapshotServer server{library, {}};
    const auto shown = decode_snapshot_reply(*ask_snapshot(server, encode(GetSnapshot{Hash{}})));
    EXPECT_EQ(std::get<SnapshotManifestReply>(*shown).manifest, std::nullopt);
    EXPECT_EQ(ask(server, 1, 4'000'000'000, 0).kind, ChunkReplyKind::missing);
}

TEST_F(SnapshotServerTest, RefusesWhatIsNoQuestion)
{
    SnapshotServer server{library, {}};
    EXPECT_EQ(ask_snapshot(server, Bytes{7}).error().kind, ErrorKind::invalid);
    EXPECT_EQ(server.on_get_chunk({}, Bytes(9), 0).error().kind, ErrorKind::invalid);
    EXPECT_EQ(server.on_get_chunk({}, Bytes(1'000), 0).error().kind, ErrorKind::full);
}

TEST_F(SnapshotServerTest, IsBusyForAPeerAboveItsAllowanceAndForNoOther)
{
    SnapshotServer server{library, {.peer_bytes_per_s = 20'000}};
    int served = 0;
    while (ask(server, 1, 0, 1'000).kind == ChunkReplyKind::here) ASSERT_LT(++served, 10);
    EXPECT_GT(served, 1);
    EXPECT_EQ(ask(server, 2, 0, 1'000).kind, ChunkReplyKind::here);
    EXPECT_EQ(ask(server, 1, 0, 1'000).kind, ChunkReplyKind::busy);
    EXPECT_EQ(ask(server, 1, 0, 5'000).kind, ChunkReplyKind::here);
}

TEST_F(SnapshotServerTest, ShowsNoMoreManifestsToWhoGoesOnAsking)
{
    SnapshotServer server{library, {.peer_bytes_per_s = 5'000}};
    const auto is_shown = [&](std::uint64_t now_ms) {
        const auto reply =
            *decode_snapshot_reply(*ask_snapshot(server, encode(GetSnapshot{id}), now_ms));
        return std::get<SnapshotManifestReply>(reply).manifest.has_value();
    };
    int shown = 0;
    while (is_shown(1'000)) ASSERT_LT(++shown, 100);
    EXPECT_GT(shown, 1);
    EXPECT_EQ(ask(server, 1, 0, 1'000).kind, ChunkReplyKind::busy);
    EXPECT_EQ(ask(server, 2, 0, 1'000).kind, ChunkReplyKind::here);
    EXPECT_TRUE(is_shown(5'000));
}

TEST_F(SnapshotServerTest, IsBusyForEverybodyAboveItsWholeAllowance)
{
    SnapshotServer server{library, {.all_bytes_per_s = 20'000}};
    std::uint8_t peer = 1;
    while (ask(server, peer, 0, 1'000).kind == ChunkReplyKind::here) ASSERT_LT(++peer, 20);
    EXPECT_EQ(ask(server, 99, 0, 1'000).kind, ChunkReplyKind::busy);
    EXPECT_EQ(ask(server, 99, 0, 9'000).kind, ChunkReplyKind::here);
}

TEST_F(SnapshotServerTest, RemembersABoundedNumberOfPeers)
{
    SnapshotServer server{library, {.peers = 2}};
    EXPECT_EQ(ask(server, 1, 0, 0).kind, ChunkReplyKind::here);
    EXPECT_EQ(ask(server, 2, 0, 0).kind, ChunkReplyKind::here);
    EXPECT_EQ(ask(server, 3, 0, 0).kind, ChunkReplyKind::busy);
    server.remove_peer(SnapshotNetwork::name(1));
    EXPECT_EQ(ask(server, 3, 0, 0).kind, ChunkReplyKind::here);
}

TEST_F(SnapshotServerTest, ServesWhatStandsOnAShelf)
{
    TemporaryFolder place{TemporaryFolder::Place::memory};
    PosixDisk disk;
    SnapshotShelf shelf{disk, place.path() / "snapshots"};
    ShelfLibrary on_disk{shelf};
    ASSERT_TRUE(on_disk.refresh());
    EXPECT_TRUE(on_disk.offers().empty());
    ASSERT_TRUE(shelf.write(world.source(), 2, {.chunk_bytes = SnapshotWorld::chunk_bytes}));
    const SnapshotWorld newer{{.height = 8}};
    ASSERT_TRUE(shelf.write(newer.source(), 2, {.chunk_bytes = SnapshotWorld::chunk_bytes}));
    ASSERT_TRUE(on_disk.refresh());
    ASSERT_EQ(on_disk.offers().size(), 2U);
    EXPECT_EQ(on_disk.offers()[0].height, Height{8});
    EXPECT_EQ(on_disk.offers()[1].id, id);
    EXPECT_EQ(*on_disk.manifest(id), library.books[id].manifest);
    EXPECT_EQ(*on_disk.chunk(id, 1), library.books[id].chunks[1]);
    EXPECT_EQ(on_disk.chunk(id, 1'000).error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace node
