#include "inference/batch_queue.hpp"

#include <gtest/gtest.h>

namespace inference {
namespace {

using namespace std::chrono_literals;

/// Requests of any rows and kind, at times that the test says.
class BatchQueueTest : public testing::Test {
protected:
    BatchQueueTest()
    {
        options.queue_slots = 100;
        options.batch.max_rows = 8;
    }

    struct Asked {
        std::uint64_t rows = 1;
        std::int64_t kind = 1;
        std::uint64_t priority = 0;
        RunControl control = {};
    };

    /// `name` is told by `take`.
    bool add(const std::string& name, Asked asked)
    {
        if (!queue) queue.emplace(options);
        PoolJob job;
        job.request.outputs = {name};
        job.request.priority = asked.priority;
        job.request.control = asked.control;
        job.part = BatchPart{{{1, asked.kind}, {}}, asked.rows, asked.rows};
        job.rows = asked.rows;
        if (asked.kind == 0) job.part.reset();
        return queue->add(job, now, ended);
    }

    /// The names of what goes together, "" when nothing does.
    std::string take()
    {
        auto taken = queue->take(now, ended);
        wake = taken.wake;
        std::string names;
        for (const auto& job : taken.jobs) names += job.request.outputs[0];
        return names;
    }

    std::string names_ended()
    {
        std::string names;
        for (const auto& [job, why] : ended) names += job.request.outputs[0];
        return names;
    }

    PoolOptions options;
    std::optional<BatchQueue> queue;
    BatchQueue::Instant now{1h};
    std::optional<BatchQueue::Instant> wake;
    std::vector<BatchQueue::Ended> ended;
};

TEST_F(BatchQueueTest, TakesTogetherWhatWaitsInItsOrder)
{
    for (const auto* name : {"a", "b", "c"}) ASSERT_TRUE(add(name, {}));
    EXPECT_EQ(take(), "abc");
    EXPECT_EQ(queue->size(), 0u);
    EXPECT_EQ(take(), "");
    EXPECT_FALSE(wake);
}

TEST_F(BatchQueueTest, CountsRowsAndNotRequests)
{
    ASSERT_TRUE(add("a", {.rows = 5}));
    ASSERT_TRUE(add("b", {.rows = 3}));
    ASSERT_TRUE(add("c", {}));
    EXPECT_EQ(take(), "ab");
    EXPECT_EQ(take(), "c");
}

TEST_F(BatchQueueTest, DoesNotLetASmallerRequestPassALargerOneOfItsKind)
{
    ASSERT_TRUE(add("a", {.rows = 5}));
    ASSERT_TRUE(add("b", {.rows = 4}));
    ASSERT_TRUE(add("c", {.rows = 1}));
    EXPECT_EQ(take(), "a");
    EXPECT_EQ(take(), "bc");
}

TEST_F(BatchQueueTest, RunsMoreRowsThanABatchHasAlone)
{
    ASSERT_TRUE(add("a", {.rows = 20}));
    ASSERT_TRUE(add("b", {.rows = UINT64_MAX}));
    ASSERT_TRUE(add("c", {}));
    EXPECT_EQ(take(), "a");
    EXPECT_EQ(take(), "b");
    EXPECT_EQ(take(), "c");
}

TEST_F(BatchQueueTest, StopsAtTheBytesOfABatch)
{
    options.batch.max_bytes = 3;
    for (const auto* name : {"a", "b", "c", "d"}) ASSERT_TRUE(add(name, {}));
    EXPECT_EQ(take(), "abc");
}

TEST_F(BatchQueueTest, JoinsOnlyTheKindOfTheOldest)
{
    ASSERT_TRUE(add("a", {.kind = 1}));
    ASSERT_TRUE(add("x", {.kind = 2}));
    ASSERT_TRUE(add("b", {.kind = 1}));
    ASSERT_TRUE(add("!", {.kind = 0}));
    ASSERT_TRUE(add("y", {.kind = 2}));
    EXPECT_EQ(take(), "ab");
    EXPECT_EQ(take(), "xy");
    EXPECT_EQ(take(), "!");
}

TEST_F(BatchQueueTest, TakesTheHighestLevelFirstAndFillsUpFromLowerOnes)
{
    options.priority_levels = 3;
    options.default_level = 2;
    options.batch.max_rows = 3;
    ASSERT_TRUE(add("d", {.priority = 3}));
    ASSERT_TRUE(add("b", {.priority = 0}));
    ASSERT_TRUE(add("c", {.priority = 9}));  // no such level: the default one
    ASSERT_TRUE(add("a", {.priority = 1}));
    EXPECT_EQ(take(), "abc");
    EXPECT_EQ(take(), "d");
}

TEST_F(BatchQueueTest, BoundsEachLevelByItself)
{
    options.priority_levels = 2;
    options.queue_slots = 2;
    EXPECT_TRUE(add("a", {.priority = 1}));
    EXPECT_TRUE(add("b", {.priority = 1}));
    EXPECT_FALSE(add("c", {.priority = 1}));
    EXPECT_TRUE(add("d", {.priority = 2}));
    EXPECT_EQ(queue->size(), 3u);
}

TEST_F(BatchQueueTest, WaitsForCompanyNoLongerThanTheDelay)
{
    options.batch.delay = 100us;
    ASSERT_TRUE(add("a", {}));
    EXPECT_EQ(take(), "");
    EXPECT_EQ(wake, now + 100us);
    now += 60us;
    ASSERT_TRUE(add("b", {}));
    EXPECT_EQ(take(), "");
    EXPECT_EQ(wake, now + 40us);
    now += 40us;
    EXPECT_EQ(take(), "ab");
}

TEST_F(BatchQueueTest, HoldsNobodyUpForWhoWaitsForCompanyOnAHigherLevel)
{
    options.priority_levels = 2;
    options.batch.delay = 100us;
    ASSERT_TRUE(add("low", {.kind = 0, .priority = 2}));
    ASSERT_TRUE(add("high", {.priority = 1}));
    EXPECT_EQ(take(), "low") << "high may still wait, and low cannot go with it";
    EXPECT_EQ(take(), "");
    EXPECT_EQ(wake, now + 100us);
    now += 50us;
    ASSERT_TRUE(add("later", {.kind = 2, .priority = 2}));
    EXPECT_EQ(take(), "");
    EXPECT_EQ(wake, now + 50us) << "the sooner of the two";
    now += 50us;
    EXPECT_EQ(take(), "high");
}

TEST_F(BatchQueueTest, GoesAtOnceWhenItIsFullOrNobodyCouldJoin)
{
    options.batch.delay = 100us;
    ASSERT_TRUE(add("a", {.rows = 4}));
    ASSERT_TRUE(add("b", {.rows = 4}));
    EXPECT_EQ(take(), "ab");
    ASSERT_TRUE(add("c", {.rows = 5}));
    ASSERT_TRUE(add("d", {.rows = 4}));
    EXPECT_EQ(take(), "c");
    EXPECT_EQ(take(), "");  // d waits
    now += 100us;
    EXPECT_EQ(take(), "d");
    ASSERT_TRUE(add("!", {.kind = 0}));
    EXPECT_EQ(take(), "!");
}

TEST_F(BatchQueueTest, WaitsNoLongerThanHalfOfTheTimeARequestHas)
{
    options.batch.delay = 1s;
    ASSERT_TRUE(add("a", {}));
    RunControl soon;
    soon.deadline = now + 10ms;
    ASSERT_TRUE(add("b", {.control = soon}));
    EXPECT_EQ(take(), "");
    EXPECT_EQ(wake, now + 5ms);
    now += 5ms;
    EXPECT_EQ(take(), "ab");
}

TEST_F(BatchQueueTest, PrefersTheLargestPreferredSizeThatWaits)
{
    options.batch.delay = 100us;
    options.batch.preferred = {2, 4};
    for (const auto* name : {"a", "b", "c", "d", "e"}) ASSERT_TRUE(add(name, {}));
    EXPECT_EQ(take(), "abcd");
    EXPECT_EQ(take(), "");
    now += 100us;
    EXPECT_EQ(take(), "e");
}

TEST_F(BatchQueueTest, LeavesOutTheDeadAndFillsTheirPlaces)
{
    options.batch.max_rows = 2;
    std::stop_source gone;
    ASSERT_TRUE(add("a", {.control = {{}, gone.get_token()}}));
    ASSERT_TRUE(add("b", {}));
    ASSERT_TRUE(add("c", {.control = {now + 1ms, {}}}));
    ASSERT_TRUE(add("d", {}));
    gone.request_stop();
    now += 1ms;
    EXPECT_EQ(take(), "bd");
    ASSERT_EQ(names_ended(), "ac");
    EXPECT_EQ(ended[0].why.kind, InferErrorKind::cancelled);
    EXPECT_EQ(ended[1].why.kind, InferErrorKind::deadline);
}

TEST_F(BatchQueueTest, GivesThePlacesOfTheDeadAwayWhenALevelIsFull)
{
    options.queue_slots = 2;
    std::stop_source gone;
    ASSERT_TRUE(add("a", {}));
    ASSERT_TRUE(add("b", {.control = {{}, gone.get_token()}}));
    gone.request_stop();
    EXPECT_TRUE(add("c", {}));
    EXPECT_EQ(names_ended(), "b");
    EXPECT_EQ(take(), "ac");
}

TEST_F(BatchQueueTest, TurnsAwayWhoWaitedTooLong)
{
    options.max_age = 5ms;
    ASSERT_TRUE(add("a", {}));
    now += 5ms;
    ASSERT_TRUE(add("b", {}));
    EXPECT_EQ(names_ended(), "");
    now += 1us;
    EXPECT_EQ(take(), "b");
    ASSERT_EQ(names_ended(), "a");
    EXPECT_EQ(ended[0].why.kind, InferErrorKind::busy);
    EXPECT_EQ(ended[0].why.detail, "the request waited more than 5000 us");
}

TEST_F(BatchQueueTest, LooksAtABoundedNumberForCompany)
{
    options.queue_slots = 2'000;
    ASSERT_TRUE(add("a", {}));
    for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(add("x", {.kind = 2 + i}));
    ASSERT_TRUE(add("b", {}));
    EXPECT_EQ(take(), "a");
}

TEST_F(BatchQueueTest, GivesUpEverybodyInOrder)
{
    options.priority_levels = 2;
    ASSERT_TRUE(add("b", {.priority = 2}));
    ASSERT_TRUE(add("a", {.priority = 1}));
    std::string names;
    for (const auto& job : queue->take_all()) names += job.request.outputs[0];
    EXPECT_EQ(names, "ab");
    EXPECT_EQ(queue->size(), 0u);
}

}  // namespace
}  // namespace inference
