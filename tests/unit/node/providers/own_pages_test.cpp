#include "node/providers/own_pages.hpp"

#include "node/providers/own_batch.hpp"
#include "tests/unit/node/providers/page_maker.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace node {
namespace {

constexpr std::uint64_t announce_s = 100;

struct OwnPagesTest : testing::Test {
    std::vector<ProviderPage> due(std::uint64_t s, bool mirrors = false)
    {
        std::ranges::sort(kept, {}, &KeptBatch::root);
        auto pages = own.due(kept, mirrors, {page_time.value + s * 1'000});
        for (const auto& page : pages)
            EXPECT_TRUE(check_page(page, page_genesis(), {page_time.value + s * 1'000}));
        return pages;
    }
    PageMaker self{1};
    OwnPages own{{self.secret->clone(), page_genesis(), "http://192.0.2.1:8700", announce_s}};
    std::vector<KeptBatch> kept;
};

TEST_F(OwnPagesTest, SayOnceThatThereIsNothing)
{
    const auto pages = due(0);
    ASSERT_EQ(pages.size(), 1u);
    EXPECT_EQ(pages[0].pages, 1u);
    EXPECT_TRUE(pages[0].batches.empty());
    EXPECT_EQ(pages[0].expires_s, page_time_s + 3 * announce_s);
    EXPECT_TRUE(due(1).empty());
}

TEST_F(OwnPagesTest, AreSaidAgainWhenSomethingChangesAndBeforeTheyExpire)
{
    due(0);
    kept.push_back({page_root(1), 0, 0});
    EXPECT_EQ(due(10).size(), 1u);
    EXPECT_TRUE(due(109).empty());
    EXPECT_EQ(due(110).size(), 1u);
    EXPECT_EQ(due(111, true).size(), 1u) << "it mirrors now";
    EXPECT_TRUE(due(112, true).empty());
    EXPECT_EQ(due(50, true).size(), 1u) << "the clock was set back";
}

TEST_F(OwnPagesTest, AreNewerEachTimeEvenWhereTheClockStands)
{
    std::uint64_t last = 0;
    for (std::uint8_t i = 0; i < 5; ++i) {
        kept.push_back({page_root(i), 0, 0});
        for (const auto& page : due(0)) {
            EXPECT_GT(page.sequence, last);
            last = page.sequence;
        }
    }
}

TEST_F(OwnPagesTest, AreSplitSoThatOneBatchMoreChangesOnePage)
{
    for (std::uint64_t i = 0; i < 600; ++i)
        kept.push_back({page_root(static_cast<std::uint8_t>(i * 7), i), 0, 0});
    const auto first = due(0);
    ASSERT_EQ(first.size(), 2u);
    std::size_t all = 0;
    for (const auto& page : first) all += page.batches.size();
    EXPECT_EQ(all, 600u);
    kept.push_back({page_root(0x90, 5), 0, 0});
    const auto then = due(1);
    ASSERT_EQ(then.size(), 1u);
    EXPECT_EQ(then[0].page, 1u);
    kept.clear();
    EXPECT_EQ(due(2).size(), 1u) << "one page again";
}

TEST_F(OwnPagesTest, LeaveOutWhatNobodyWantsFirst)
{
    for (std::uint64_t i = 0; i < 1'000; ++i)
        kept.push_back(
            {page_root(0, i), static_cast<std::uint8_t>(i >= 600), i >= 600 ? page_time_s + 9 : 0});
    const auto pages = due(0);
    ASSERT_EQ(pages.size(), 16u);
    EXPECT_EQ(pages[0].batches.size(), PageLimits::batches);
    EXPECT_EQ(std::ranges::count(pages[0].batches, 1, &KeptBatch::copies), 400);
}

TEST(OwnBatch, NamesItsMirrorSoThatARestartKnowsWhy)
{
    const MirrorHold hold{497'123, 3};
    EXPECT_EQ(holder_name(hold), "mirror-497123-3");
    EXPECT_EQ(mirror_hold("mirror-497123-3"), hold);
    for (const auto* name : {"operator", "mirror-", "mirror-5", "mirror-5-0", "mirror-5-17",
                             "mirror-x-1", "mirror-5-1-1", "mirror-99999999999-1", "lease-5-1"})
        EXPECT_FALSE(mirror_hold(name)) << name;
}

TEST(OwnBatch, IsHeldUntilTheHourIsOverAndNoLaterIsSaid)
{
    const MirrorHold hold{10, 2};
    EXPECT_EQ(hold.until_s(), 36'000u);
    EXPECT_FALSE(hold.is_over({39'599'999}));
    EXPECT_TRUE(hold.is_over({39'600'000}));
}

TEST(OwnBatch, IsRenewedByWhoHoldsItAndByNoMirror)
{
    const auto hour = page_time_s / 3'600;
    OwnBatches own;
    own[page_root(1)] = {true, true, {}, 0, true};
    own[page_root(2)] = {true, false, MirrorHold{hour + 5, 3}, 1, false};
    own[page_root(3)] = {true, false, {}, 0, false};
    own[page_root(4)] = {false, true, {}, 0, false};
    own[page_root(5)] = {true, false, MirrorHold{hour, 3}, 1, false};
    own[page_root(6)] = {true, true, {}, 0, false};
    const auto kept = kept_batches(own, 2, page_time);
    ASSERT_EQ(kept.size(), 5u);
    EXPECT_EQ(kept[4], (KeptBatch{page_root(6), 0, 0})) << "of an order, which will be over";
    EXPECT_EQ(kept[0].copies, 2);
    EXPECT_GT(kept[0].until_s, page_time_s + 30 * 24 * 3'600);
    EXPECT_LE(kept[0].until_s, page_time_s + 31 * 24 * 3'600);
    EXPECT_EQ(kept[1], (KeptBatch{page_root(2), 3, (hour + 5) * 3'600}));
    EXPECT_EQ(kept[2], (KeptBatch{page_root(3), 0, 0}));
    EXPECT_EQ(kept[3], (KeptBatch{page_root(5), 0, 0})) << "its time has come";
    EXPECT_EQ(kept_batches(own, 2, {page_time.value + 60'000}), kept) << "pages do not change";
    EXPECT_EQ(kept_batches(own, 0, page_time)[0], (KeptBatch{page_root(1), 0, 0}));
}

}  // namespace
}  // namespace node
