#include "tests/support/snapshot_network.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;

std::optional<Bytes> silence_on_chunks(MessageKind asked, Bytes answer)
{
    if (asked == message::get_snapshot_chunk) return {};
    return answer;
}

/// Chunks with one byte flipped; everything else as it should be.
std::optional<Bytes> bad_chunks(MessageKind asked, Bytes answer)
{
    if (asked != message::get_snapshot_chunk) return answer;
    auto reply = *decode_chunk_reply(answer);
    if (reply.kind == ChunkReplyKind::here) reply.bytes[reply.bytes.size() / 2] ^= 1;
    return encode(reply);
}

Manner with_list(std::vector<SnapshotOffer> offers)
{
    return [offers](MessageKind, Bytes answer) -> std::optional<Bytes> {
        const auto reply = decode_snapshot_reply(answer);
        if (reply && std::holds_alternative<SnapshotList>(*reply))
            return encode(SnapshotReply{SnapshotList{offers}});
        return answer;
    };
}

struct SnapshotSyncTest : testing::Test {
    SnapshotSyncTest()
    {
        library.add(world);
        id = library.books.begin()->first;
    }
    void expect_whole(const SnapshotNetwork& network, const Hash& which) const
    {
        const auto& content = library.books.at(which).manifest.content;
        ASSERT_TRUE(network.kept.contains(which));
        EXPECT_EQ(network.kept.at(which).size(), content.ends.size());
    }
    SnapshotWorld world{{.entries = 1'500}};
    MemoryLibrary library;
    MemoryLibrary nothing;
    Hash id;
};

TEST_F(SnapshotSyncTest, FetchesASnapshotFromSeveralPeersAtOnceWithinItsWindow)
{
    SnapshotNetwork network{world.epoch};
    for (std::uint8_t n = 1; n <= 5; ++n) network.join(n, library);
    ASSERT_TRUE(network.run(60'000));
    expect_whole(network, id);
    EXPECT_EQ(network.most_at_once, 8U);
    EXPECT_EQ(network.chunks_asked.size(), 5U);
    EXPECT_TRUE(network.dropped.empty());
}

TEST_F(SnapshotSyncTest, TakesTheHighestThatIsProven)
{
    const SnapshotWorld newer{{.entries = 100, .height = 9}};
    MemoryLibrary both = library;
    both.add(newer);
    SnapshotNetwork network{world.epoch};
    network.join(1, library);
    network.join(2, both, 900);
    ASSERT_TRUE(network.run(60'000));
    EXPECT_EQ(network.sync.chosen()->content.height, Height{9});
}

TEST_F(SnapshotSyncTest, WantsNoneThatIsNotAboveItsOwnHeight)
{
    SnapshotNetwork network{world.epoch, {}, Height{5}};
    network.join(1, library);
    EXPECT_FALSE(network.run(60'000));
    EXPECT_EQ(network.times_chosen, 0U);
    EXPECT_TRUE(network.dropped.empty());
}

TEST_F(SnapshotSyncTest, DropsAPeerWhoseManifestIsOfOtherValidators)
{
    const SnapshotWorld forged{{.height = 50, .first_key = 90}};
    MemoryLibrary lies;
    lies.add(forged);
    SnapshotNetwork network{world.epoch};
    network.join(1, lies, 5);
    network.join(2, library);
    ASSERT_TRUE(network.run(60'000));
    EXPECT_TRUE(network.was_dropped(1));
    EXPECT_FALSE(network.was_dropped(2));
    expect_whole(network, id);
}

TEST_F(SnapshotSyncTest, DropsAPeerThatShowsAnotherManifestThanTheOneItWasAskedFor)
{
    SnapshotNetwork network{world.epoch};
    network.join(1, library, 20, [this](MessageKind, Bytes answer) -> std::optional<Bytes> {
        auto reply = *decode_snapshot_reply(answer);
        if (auto* manifest = std::get_if<SnapshotManifestReply>(&reply)) {
            manifest->manifest = library.books.at(id).manifest;
            ++manifest->manifest->content.entries;
            return encode(reply);
        }
        return answer;
    });
    network.run(5'000);
    EXPECT_TRUE(network.was_dropped(1));
}

TEST_F(SnapshotSyncTest, IsNotHeldUpByOffersOfWhatDoesNotExist)
{
    std::vector<SnapshotOffer> bogus;
    for (std::uint8_t n = 1; n <= 16; ++n) {
        Hash made;
        made.bytes[0] = n;
        bogus.push_back({made, {1'000'000u + n}});
    }
    SnapshotNetwork network{world.epoch};
    for (std::uint8_t n = 1; n <= 3; ++n)
        network.join(n, nothing, 20, [list = with_list(bogus)](MessageKind asked, Bytes answer) {
            const auto reply = decode_snapshot_reply(answer);
            const bool manifest = reply && std::holds_alternative<SnapshotManifestReply>(*reply);
            return manifest ? std::nullopt : list(asked, std::move(answer));
        });
    network.join(4, library);
    ASSERT_TRUE(network.run(20'000));
    expect_whole(network, id);
}

TEST_F(SnapshotSyncTest, DropsAPeerThatSendsABadChunkAndAsksAnother)
{
    SnapshotNetwork network{world.epoch};
    network.join(1, library, 10, bad_chunks);
    network.join(2, library, 30);
    ASSERT_TRUE(network.run(60'000));
    EXPECT_TRUE(network.was_dropped(1));
    EXPECT_NE(network.dropped.begin()->second.find("chunk"), std::string::npos);
    expect_whole(network, id);
}

TEST_F(SnapshotSyncTest, DropsAPeerThatSendsGarbage)
{
    SnapshotNetwork network{world.epoch};
    network.join(1, library, 10, [](MessageKind, const Bytes&) { return Bytes{0xff, 0xff}; });
    network.run(1'000);
    EXPECT_TRUE(network.was_dropped(1));
}

TEST_F(SnapshotSyncTest, AsksElsewhereWhatNobodyAnswersAndLeavesTheSilentOneAlone)
{
    SnapshotNetwork network{world.epoch};
    network.join(1, library, 10, silence_on_chunks);
    network.join(2, library, 30);
    ASSERT_TRUE(network.run(60'000));
    expect_whole(network, id);
    EXPECT_LE(network.chunks_asked.at(SnapshotNetwork::name(1)), 4U);
    EXPECT_FALSE(network.was_dropped(1)) << "silence is no proof of bad faith";
}

TEST_F(SnapshotSyncTest, DoesNotLookAtAnAnswerThatComesTooLate)
{
    SnapshotNetwork network{world.epoch, {.chunk_ms = 500}};
    network.join(1, library, 700);
    network.join(2, library, 30);
    ASSERT_TRUE(network.run(60'000));
    expect_whole(network, id);
    EXPECT_FALSE(network.was_dropped(1));
}

TEST_F(SnapshotSyncTest, AsksOthersForTheChunksOfAPeerThatVanishes)
{
    SnapshotNetwork network{world.epoch};
    network.join(1, library, 400);
    network.join(2, library, 400);
    network.run(2'500);
    ASSERT_GT(network.sync.chunks_asked(), 0U);
    network.leave(1);
    ASSERT_TRUE(network.run(10'000)) << "sooner than a deadline";
    expect_whole(network, id);
}

TEST_F(SnapshotSyncTest, GoesOnWhereItStoodWhenASnapshotsLastProviderComesBack)
{
    SnapshotNetwork network{world.epoch};
    network.join(1, library, 400);
    network.run(4'500);
    const auto before = network.kept[id].size();
    ASSERT_GT(before, 0U);
    network.leave(1);
    EXPECT_EQ(network.sync.chosen(), nullptr);
    network.run(5'000);
    network.join(2, library, 10);
    ASSERT_TRUE(network.run(10'000));
    expect_whole(network, id);
    const auto count = library.books[id].chunks.size();
    EXPECT_EQ(network.chunks_asked.at(SnapshotNetwork::name(2)), count - before);
    EXPECT_EQ(network.times_chosen, 2U);
}

TEST_F(SnapshotSyncTest, TakesALowerOneWhenNobodyGivesTheHighest)
{
    const SnapshotWorld newer{{.entries = 500, .height = 9}};
    MemoryLibrary unserved;
    unserved.add(newer);
    SnapshotNetwork network{world.epoch};
    network.join(1, unserved, 10, silence_on_chunks);
    network.join(2, library);
    ASSERT_TRUE(network.run(120'000));
    EXPECT_EQ(network.sync.chosen()->content.height, Height{5});
    EXPECT_EQ(network.times_chosen, 2U);
}

TEST_F(SnapshotSyncTest, AsksABusyPeerAgainLater)
{
    int refusals = 0;
    SnapshotNetwork network{world.epoch};
    network.join(1, library, 10, [&](MessageKind asked, Bytes answer) -> std::optional<Bytes> {
        if (asked != message::get_snapshot_chunk || ++refusals > 3) return answer;
        auto reply = *decode_chunk_reply(answer);
        reply.kind = ChunkReplyKind::busy;
        reply.bytes.clear();
        return encode(reply);
    });
    ASSERT_TRUE(network.run(60'000));
    EXPECT_FALSE(network.was_dropped(1));
}

TEST_F(SnapshotSyncTest, IsNotHeldUpByAProviderThatIsAlwaysBusy)
{
    const SnapshotWorld newer{{.entries = 500, .height = 9}};
    MemoryLibrary unserved;
    unserved.add(newer);
    SnapshotNetwork network{world.epoch};
    network.join(1, unserved, 10, [](MessageKind asked, Bytes answer) -> std::optional<Bytes> {
        if (asked != message::get_snapshot_chunk) return answer;
        const auto reply = *decode_chunk_reply(answer);
        return encode(SnapshotChunkReply{reply.id, reply.index, ChunkReplyKind::busy, {}});
    });
    network.join(2, library);
    ASSERT_TRUE(network.run(60'000));
    EXPECT_EQ(network.sync.chosen()->content.height, Height{5});
}

TEST_F(SnapshotSyncTest, DoesNotAskAgainAPeerThatSaysItIsMissing)
{
    SnapshotNetwork network{world.epoch};
    network.join(1, library, 10, [](MessageKind asked, Bytes answer) -> std::optional<Bytes> {
        if (asked != message::get_snapshot_chunk) return answer;
        auto reply = *decode_chunk_reply(answer);
        reply.kind = ChunkReplyKind::missing;
        reply.bytes.clear();
        return encode(reply);
    });
    network.join(2, library, 30);
    ASSERT_TRUE(network.run(60'000));
    EXPECT_LE(network.chunks_asked.at(SnapshotNetwork::name(1)), 2U);
    EXPECT_FALSE(network.was_dropped(1));
}

TEST_F(SnapshotSyncTest, WaitsForTheEpochOfASnapshot)
{
    SnapshotNetwork network{world.epoch};
    network.known.clear();
    network.join(1, library);
    EXPECT_FALSE(network.run(10'000));
    EXPECT_EQ(network.epochs_wanted, std::vector<std::uint64_t>{0});
    EXPECT_EQ(network.times_chosen, 0U);
    network.known[0] = world.epoch;
    network.handle(network.sync.epochs_changed(network.now_ms));
    ASSERT_TRUE(network.run(10'000));
    expect_whole(network, id);
}

TEST_F(SnapshotSyncTest, DropsWhoShowedAManifestThatTheEpochRefutesLater)
{
    const SnapshotWorld forged{{.first_key = 90}};
    SnapshotNetwork network{forged.epoch};
    network.known.clear();
    network.join(1, library);
    network.run(2'000);
    network.known[0] = forged.epoch;
    network.handle(network.sync.epochs_changed(network.now_ms));
    EXPECT_TRUE(network.was_dropped(1));
}

TEST_F(SnapshotSyncTest, AsksAgainForAChunkThatWasLostOnDisk)
{
    SnapshotNetwork network{world.epoch};
    network.join(1, library);
    ASSERT_TRUE(network.run(60'000));
    network.kept[id].erase(3);
    network.handle(network.sync.lost(3, network.now_ms));
    EXPECT_FALSE(network.sync.complete());
    ASSERT_TRUE(network.run(60'000));
    expect_whole(network, id);
}

TEST_F(SnapshotSyncTest, IgnoresWhatItDidNotAskFor)
{
    SnapshotNetwork network{world.epoch};
    network.join(1, library, 60'000);
    const auto peer = SnapshotNetwork::name(1);
    const auto& book = library.books[id];
    const SnapshotReply manifest{SnapshotManifestReply{id, book.manifest}};
    EXPECT_TRUE(network.sync.on_snapshot(peer, encode(manifest), 1'000).empty());
    const SnapshotChunkReply chunk{id, 0, ChunkReplyKind::here, book.chunks[0]};
    EXPECT_TRUE(network.sync.on_chunk(peer, encode(chunk), 1'000).empty());
    EXPECT_TRUE(network.sync.on_chunk(SnapshotNetwork::name(9), Bytes{1}, 1'000).empty());
    EXPECT_EQ(network.sync.chosen(), nullptr);
}

TEST_F(SnapshotSyncTest, HearsABoundedNumberOfPeers)
{
    SnapshotNetwork network{world.epoch, {.peers = 3}};
    for (std::uint8_t n = 1; n <= 3; ++n)
        EXPECT_FALSE(network.sync.add_peer(SnapshotNetwork::name(n), 0).empty());
    EXPECT_TRUE(network.sync.add_peer(SnapshotNetwork::name(4), 0).empty());
}

}  // namespace
}  // namespace node
