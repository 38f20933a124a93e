#include "node/app/snapshot_keeper.hpp"

#include "ledger/codec/binary.hpp"
#include "tests/support/next_block.hpp"
#include "tests/support/sim_disk.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_network.hpp"

#include <gtest/gtest.h>

#include <map>

namespace node {
namespace {

using namespace ledger;

PublicKey peer(std::uint8_t n)
{
    return public_key(test_key(n));
}

InboundFrame frame(MessageKind kind, Bytes payload = {})
{
    return {{kind, std::move(payload)}};
}

/// A keeper beside a chain of empty blocks; what it says is taken down.
struct SnapshotKeeperTest : testing::Test {
    ~SnapshotKeeperTest() override { keeper.stop(); }

    /// The state after a new block; nothing proves that it is final where it has no certificate.
    Frozen new_block(bool has_certificate = true)
    {
        EXPECT_TRUE(commit_empty(*chain, has_certificate, ++seq));
        auto frozen = chain->take_frozen();
        EXPECT_TRUE(frozen);
        return std::move(*frozen);
    }
    template <class Done>
    bool wait(Done done)
    {
        std::unique_lock lock{mutex};
        for (int i = 0; i < 1'000; ++i)
            if (told.wait_for(lock, std::chrono::milliseconds{10}, done)) return true;
        return false;
    }
    bool ask(const PublicKey& from, MessageKind kind, Bytes payload = {})
    {
        auto asked = frame(kind, std::move(payload));
        return keeper.asked(from, asked);
    }

    struct Said {
        PublicKey to;
        MessageKind kind;
        Bytes payload;
    };
    std::mutex mutex;
    std::condition_variable told;
    std::vector<Said> said;
    std::vector<std::pair<PublicKey, std::string>> accused;

    std::shared_ptr<const market::Network> network = test_network();
    std::unique_ptr<BlockStore> store = make_memory_store();
    std::unique_ptr<Chain> chain = [this] {
        auto opened = *Chain::open(*network, *store);
        opened->freeze_every(1);
        return opened;
    }();
    std::uint64_t seq = 0;
    TemporaryFolder folder{TemporaryFolder::Place::memory};
    PosixDisk disk;
    SystemClock clock;
    SnapshotKeeper keeper{SnapshotsConfig{.keep = 2},
                          folder.path() / "snapshots",
                          disk,
                          *store,
                          clock,
                          {[this](const PublicKey& to, MessageKind kind, ByteView payload) {
                               const std::lock_guard lock{mutex};
                               said.push_back({to, kind, Bytes(payload.begin(), payload.end())});
                               told.notify_all();
                           },
                           [this](const PublicKey& who, const std::string& what) {
                               const std::lock_guard lock{mutex};
                               accused.emplace_back(who, what);
                               told.notify_all();
                           }}};
};

TEST_F(SnapshotKeeperTest, WritesWhatItIsGivenAndKeepsTheNewest)
{
    keeper.start();
    EXPECT_TRUE(keeper.offers().empty());
    for (std::uint64_t height = 1; height <= 3; ++height) {
        keeper.write(new_block());
        ASSERT_TRUE(wait([&] {
            const auto offers = keeper.offers();
            return !offers.empty() && offers.front().height == Height{height};
        }));
    }
    EXPECT_EQ(keeper.offers().size(), 2u);
    EXPECT_EQ(keeper.counters().written, 3u);
    EXPECT_EQ(keeper.counters().failed, 0u);
}

TEST_F(SnapshotKeeperTest, OffersWhatIsThereWhenItStarts)
{
    keeper.start();
    keeper.write(new_block());
    ASSERT_TRUE(wait([&] { return !keeper.offers().empty(); }));
    keeper.stop();
    SnapshotKeeper next{{}, folder.path() / "snapshots", disk, *store, clock, {}};
    next.start();
    EXPECT_EQ(next.offers(), keeper.offers());
}

TEST_F(SnapshotKeeperTest, CountsABlockThatNothingProvesFinal)
{
    keeper.start();
    keeper.write(new_block(false));
    ASSERT_TRUE(wait([&] { return keeper.counters().failed == 1; }));
    EXPECT_TRUE(keeper.offers().empty());
}

TEST_F(SnapshotKeeperTest, ShowsItsManifestAndGivesTheChunks)
{
    keeper.start();
    keeper.write(new_block());
    ASSERT_TRUE(wait([&] { return !keeper.offers().empty(); }));
    const auto id = keeper.offers().front().id;
    EXPECT_TRUE(ask(peer(1), message::get_snapshot, encode(GetSnapshot{id})));
    EXPECT_TRUE(ask(peer(2), message::get_snapshot_chunk, encode(GetSnapshotChunk{id, 0})));
    ASSERT_TRUE(wait([&] { return said.size() == 2; }));
    EXPECT_EQ(said[0].to, peer(1));
    const auto reply = *decode_snapshot_reply(said[0].payload);
    const auto& manifest = std::get<SnapshotManifestReply>(reply).manifest;
    ASSERT_TRUE(manifest);
    EXPECT_EQ(snapshot_id(manifest->content), id);
    EXPECT_EQ(said[1].to, peer(2));
    EXPECT_EQ(said[1].kind, message::snapshot_chunk);
    const auto chunk = *decode_chunk_reply(said[1].payload);
    EXPECT_TRUE(check_chunk(manifest->content, 0, chunk.bytes));
    EXPECT_EQ(keeper.counters().chunks_sent, 1u);
    EXPECT_EQ(keeper.counters().bytes_sent, said[1].payload.size());
}

TEST_F(SnapshotKeeperTest, AccusesWhoAsksWhatIsNoQuestion)
{
    keeper.start();
    EXPECT_TRUE(ask(peer(1), message::get_snapshot, {7}));
    ASSERT_TRUE(wait([&] { return accused.size() == 1; }));
    EXPECT_EQ(accused[0].first, peer(1));
    EXPECT_TRUE(said.empty());
}

TEST_F(SnapshotKeeperTest, LeavesOtherMessagesToOthersAndDropsAnswersNobodyAskedFor)
{
    keeper.start();
    EXPECT_FALSE(ask(peer(1), message::status));
    EXPECT_TRUE(ask(peer(1), message::snapshot));
    EXPECT_TRUE(ask(peer(1), message::snapshot_chunk));
    EXPECT_TRUE(said.empty());
}

TEST_F(SnapshotKeeperTest, LetsSoManyQuestionsOfOnePeerWaitAndOthersPass)
{
    for (int i = 0; i < 100; ++i) ask(peer(1), message::get_snapshot, encode(GetSnapshot{}));
    for (int i = 0; i < 3; ++i) ask(peer(2), message::get_snapshot, encode(GetSnapshot{}));
    keeper.start();
    ASSERT_TRUE(wait([&] {
        return !said.empty() && said.back().to == peer(2) &&
               said.size() >= SnapshotKeeper::questions_of_peer + 3;
    }));
    EXPECT_EQ(said.size(), SnapshotKeeper::questions_of_peer + 3);
}

TEST_F(SnapshotKeeperTest, TakesNothingMoreOnceStopped)
{
    keeper.start();
    keeper.stop();
    keeper.write(new_block());
    EXPECT_TRUE(ask(peer(1), message::get_snapshot, encode(GetSnapshot{})));
    EXPECT_EQ(keeper.counters().written, 0u);
    EXPECT_TRUE(said.empty());
}

}  // namespace
}  // namespace node
