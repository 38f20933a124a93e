#include "tests/support/snapshot_life.hpp"

#include <gtest/gtest.h>

#include <filesystem>

// When a fetch goes on with blocks, when it does not, and what it leaves behind.
namespace node {
namespace {

using namespace ledger;

constexpr std::uint64_t patience = SnapshotFetch::patience_ms;

/// Shows what it has, gives so many chunks, and says nothing from then on.
Manner stalls_after(int chunks)
{
    const auto left = std::make_shared<int>(chunks);
    return [left](MessageKind asked, Bytes answer) -> std::optional<Bytes> {
        if (asked != message::get_snapshot_chunk) return answer;
        if (*left == 0) return {};
        --*left;
        return answer;
    };
}

std::optional<Bytes> says_nothing(MessageKind, const Bytes&)
{
    return {};
}

std::optional<Bytes> says_garbage(MessageKind, const Bytes&)
{
    return Bytes{0xff, 0xff};
}

/// Lists what it has, and shows no manifest of it.
std::optional<Bytes> boasts(MessageKind asked, Bytes answer)
{
    const auto reply = decode_snapshot_reply(answer);
    if (asked == message::get_snapshot && reply && std::holds_alternative<SnapshotList>(*reply))
        return answer;
    return {};
}

struct SnapshotFetchTest : testing::Test {
    SnapshotFetchTest()
    {
        library.add(world);
        lies.add(forged);
    }
    /// Runs until blocks have to do, and says after how long; nothing may be left of the fetch.
    std::uint64_t time_to_blocks()
    {
        const auto began = life.now_ms;
        EXPECT_TRUE(life.run(10 * patience));
        EXPECT_TRUE(life.has_ended_with_blocks());
        EXPECT_TRUE(life.files().empty());
        return life.now_ms - began;
    }
    void expect_no_fallback()
    {
        ASSERT_TRUE(life.fetch().outcome());
        ASSERT_TRUE(*life.fetch().outcome());
        EXPECT_EQ(life.state, listing(world.store->state()));
    }
    SnapshotWorld world{{.entries = 400}};
    SnapshotWorld forged{{.entries = 300, .height = 50, .first_key = 90}};
    MemoryLibrary library;
    MemoryLibrary lies;
    MemoryLibrary nothing;
    SnapshotLife life{world};
};

TEST_F(SnapshotFetchTest, WaitsAsLongAsItTakesForSomebodyToConnect)
{
    life.start();
    EXPECT_FALSE(life.run(20 * patience));
    life.join(1, library);
    ASSERT_TRUE(life.run(patience));
    expect_no_fallback();
}

TEST_F(SnapshotFetchTest, GoesOnWithBlocksAMinuteAfterTheFirstPeerWhenNobodyHasASnapshot)
{
    life.start();
    life.run(5'000);
    life.join(1, nothing);
    life.join(2, nothing);
    const auto took = time_to_blocks();
    EXPECT_GE(took, patience);
    EXPECT_LE(took, patience + 200);
    EXPECT_EQ(life.said.back(), "no peer has a snapshot that proves itself: going on with blocks");
}

TEST_F(SnapshotFetchTest, DoesNotWaitLongerForEachPeerThatComesAndGoes)
{
    life.start();
    for (std::uint8_t n = 1; n <= 9; ++n) {
        life.join(n, nothing);
        ASSERT_FALSE(life.run(6'000));
        life.leave(n);
    }
    EXPECT_LE(time_to_blocks(), 6'200u);
}

TEST_F(SnapshotFetchTest, GoesOnWithBlocksWhenAllLie)
{
    life.join(1, lies, 5);
    life.join(2, library, 20, says_garbage);
    life.join(3, library, 20, says_nothing);
    life.join(4, library, 20, boasts);
    life.start();
    const auto took = time_to_blocks();
    EXPECT_GE(took, patience);
    EXPECT_LE(took, patience + 200);
    EXPECT_TRUE(life.banned.contains(SnapshotNetwork::name(1)));
    EXPECT_TRUE(life.banned.contains(SnapshotNetwork::name(2)));
    EXPECT_FALSE(life.banned.contains(SnapshotNetwork::name(3))) << "silence is no lie";
    EXPECT_TRUE(life.asked.empty()) << "chunks of what is not proven";
}

TEST_F(SnapshotFetchTest, TakesASnapshotThatIsShownAfter59Seconds)
{
    life.join(1, nothing);
    life.start();
    ASSERT_FALSE(life.run(patience - 1'000));
    life.join(2, library);
    ASSERT_TRUE(life.run(patience));
    expect_no_fallback();
}

/// What is proven waits up to three seconds for something higher: not to be thrown away meanwhile.
TEST_F(SnapshotFetchTest, TakesASnapshotThatIsShownAfter59SecondsWhileAHigherOneIsAwaited)
{
    life.join(1, nothing);
    life.start();
    ASSERT_FALSE(life.run(patience - 1'000));
    life.join(2, library);
    life.join(3, lies, 20, boasts);
    ASSERT_FALSE(life.run(1'500)) << "it is past its time, and has chosen nothing yet";
    EXPECT_FALSE(life.fetch().progress().is_chosen);
    ASSERT_TRUE(life.run(patience));
    expect_no_fallback();
}

TEST_F(SnapshotFetchTest, StaysWithASnapshotWhoseProviderStallsInTheMiddle)
{
    life.join(1, library, 20, stalls_after(3));
    life.join(2, nothing);
    life.start();
    EXPECT_FALSE(life.run(5 * patience));
    EXPECT_EQ(life.kept().size(), 3u);
    life.asked.clear();
    life.join(3, library);
    ASSERT_TRUE(life.run(patience));
    expect_no_fallback();
    EXPECT_EQ(life.asked_for_kept, 0u);
    EXPECT_EQ(life.asked.size(), library.books.begin()->second.chunks.size() - 3);
}

TEST_F(SnapshotFetchTest, StaysWithWhatAnEarlierProcessHasKeptWhenNobodyHasIt)
{
    life.join(1, library, 20, stalls_after(3));
    life.start();
    ASSERT_FALSE(life.run(5'000));
    const auto before = life.files();
    life.kill();
    life.leave(1);
    life.join(2, nothing);
    life.start();
    EXPECT_FALSE(life.run(5 * patience));
    EXPECT_EQ(life.files(), before);
    life.join(3, library);
    ASSERT_TRUE(life.run(patience));
    expect_no_fallback();
    EXPECT_EQ(life.asked_for_kept, 0u);
}

TEST_F(SnapshotFetchTest, TakesNothingMoreOfASnapshotOnceBlocksHaveToDo)
{
    life.join(1, nothing);
    life.start();
    time_to_blocks();
    life.join(2, library);
    life.run_until([] { return false; }, patience);
    EXPECT_TRUE(life.asked.empty());
    EXPECT_TRUE(life.files().empty());
    EXPECT_TRUE(life.has_ended_with_blocks());
    EXPECT_FALSE(std::filesystem::exists(life.place.store())) << "blocks begin from nothing";
}

TEST_F(SnapshotFetchTest, BeginsAnewWhenItIsKilledBetweenItsEndAndTheFirstBlock)
{
    life.join(1, nothing);
    life.start();
    time_to_blocks();
    life.kill();
    life.join(2, library);
    life.start();
    ASSERT_TRUE(life.run(patience));
    expect_no_fallback();
}

TEST_F(SnapshotFetchTest, DoesNotTakeADiskThatFailsForAPeerWithoutSnapshots)
{
    life.join(1, library);
    std::filesystem::create_directories(life.place.staging());
    std::filesystem::create_symlink("/nowhere/at/all", life.place.chunks());
    life.start();
    ASSERT_TRUE(life.run(patience));
    EXPECT_FALSE(*life.fetch().outcome());
    EXPECT_FALSE(life.has_ended_with_blocks());
}

}  // namespace
}  // namespace node
