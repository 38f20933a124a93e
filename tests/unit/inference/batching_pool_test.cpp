#include "inference/model_pool.hpp"

#include "tests/support/row_model.hpp"

#include <gtest/gtest.h>

#include <future>

namespace inference {
namespace {

using namespace std::chrono_literals;

/// A pool of one worker over a model that is held in its first run, so that the rest waits.
class BatchingPoolTest : public testing::Test {
protected:
    BatchingPoolTest()
    {
        options.batch.max_rows = 8;
        options.queue_slots = 16;
    }
    ~BatchingPoolTest() override
    {
        if (model) model->let_go();
    }

    void open()
    {
        auto made = std::make_unique<RowModel>();
        model = made.get();
        model->hold();
        std::vector<std::unique_ptr<Model>> models;
        models.push_back(std::move(made));
        pool = std::make_unique<ModelPool>(std::move(models), options);
        first = submit(rows_of(1));
        model->await_runs(1);
    }

    std::future<PoolAnswer> submit(PoolRequest request)
    {
        auto promise = std::make_shared<std::promise<PoolAnswer>>();
        auto future = promise->get_future();
        const auto taken = pool->submit(std::move(request), [promise](PoolAnswer answer) {
            promise->set_value(std::move(answer));
        });
        EXPECT_TRUE(taken);
        return future;
    }

    static Bytes data(std::future<PoolAnswer>& future)
    {
        const auto answer = future.get();
        EXPECT_TRUE(answer.outcome) << (answer.outcome ? "" : answer.outcome.error().detail);
        return answer.outcome ? answer.outcome->at(0).data : Bytes{};
    }

    PoolOptions options;
    RowModel* model = nullptr;
    std::unique_ptr<ModelPool> pool;
    std::future<PoolAnswer> first;
};

using Runs = std::vector<std::uint64_t>;

TEST_F(BatchingPoolTest, JoinsWhatWaitsAndGivesEachItsOwnRows)
{
    open();
    auto second = submit(rows_of(20, 2));
    auto third = submit(rows_of(30, 3));
    model->let_go();
    EXPECT_EQ(data(first), answer_to(1));
    EXPECT_EQ(data(second), answer_to(20, 2));
    EXPECT_EQ(data(third), answer_to(30, 3));
    EXPECT_EQ(model->runs(), (Runs{1, 5}));
}

TEST_F(BatchingPoolTest, CountsRunsItemsAndBatchSizes)
{
    open();
    auto second = submit(rows_of(20, 2));
    auto third = submit(rows_of(30, 3));
    model->let_go();
    first.get();
    const auto two = second.get();
    const auto three = third.get();
    EXPECT_EQ(two.run_rows, 5u);
    EXPECT_EQ(three.run_rows, 0u);
    EXPECT_EQ(two.timing.infer, 1'000ns);
    EXPECT_EQ(two.own_infer, 400ns);
    EXPECT_EQ(three.own_infer, 600ns);
    const auto stats = pool->stats();
    EXPECT_EQ(stats.execution_count, 2u);
    EXPECT_EQ(stats.inference_count, 6u);
    EXPECT_EQ(stats.success.count, 3u);
    EXPECT_EQ(stats.compute_infer.count, 3u);
    ASSERT_EQ(stats.batches.size(), 2u);
    EXPECT_EQ(stats.batches.at(1).compute_infer.count, 1u);
    EXPECT_EQ(stats.batches.at(5).compute_infer.total, 1'000ns);
    EXPECT_EQ(stats.loading.batch_rows, 8u);
    EXPECT_EQ(stats.running, 0u);
}

TEST_F(BatchingPoolTest, RunsEverybodyAloneWhereNothingMayBeJoined)
{
    options.batch.max_rows = 1;
    open();
    auto second = submit(rows_of(2));
    auto third = submit(rows_of(3, 4));
    model->let_go();
    EXPECT_EQ(data(second), answer_to(2));
    EXPECT_EQ(data(third), answer_to(3, 4));
    EXPECT_EQ(model->runs(), (Runs{1, 1, 4}));
}

TEST_F(BatchingPoolTest, DoesNotDelayTheFirstWithoutADelay)
{
    open();
    model->let_go();
    EXPECT_EQ(data(first), answer_to(1));
    auto second = submit(rows_of(2));
    EXPECT_EQ(data(second), answer_to(2));
    EXPECT_EQ(model->runs(), (Runs{1, 1}));
}

TEST_F(BatchingPoolTest, WaitsForCompanyUpToTheDelay)
{
    options.batch.delay = 1h;
    options.batch.max_rows = 2;
    auto made = std::make_unique<RowModel>();
    model = made.get();
    std::vector<std::unique_ptr<Model>> models;
    models.push_back(std::move(made));
    pool = std::make_unique<ModelPool>(std::move(models), options);
    auto one = submit(rows_of(1));
    auto other = submit(rows_of(2));
    EXPECT_EQ(data(one), answer_to(1));
    EXPECT_EQ(data(other), answer_to(2));
    EXPECT_EQ(model->runs(), Runs{2});
    auto lonely = submit(rows_of(3));
    pool->close();
    EXPECT_EQ(lonely.get().outcome.error().kind, InferErrorKind::closed);
}

TEST_F(BatchingPoolTest, RunsByPriority)
{
    options.priority_levels = 2;
    options.default_level = 2;
    options.batch.max_rows = 1;
    open();
    std::mutex mutex;
    std::string order;
    std::promise<void> all;
    const auto ask = [&](std::uint64_t priority, char name) {
        auto request = rows_of(1);
        request.priority = priority;
        ASSERT_TRUE(pool->submit(std::move(request), [&, name](const PoolAnswer&) {
            const std::lock_guard lock{mutex};
            order += name;
            if (order.size() == 3) all.set_value();
        }));
    };
    ask(0, 'c');
    ask(1, 'a');
    ask(1, 'b');
    model->let_go();
    all.get_future().wait();
    pool->close();  // lets go of what stands above
    EXPECT_EQ(order, "abc");
}

TEST_F(BatchingPoolTest, LeavesOutWhoeverIsDeadBeforeTheRun)
{
    open();
    std::stop_source gone;
    auto request = rows_of(2);
    request.control.stop = gone.get_token();
    auto second = submit(std::move(request));
    auto third = submit(rows_of(3));
    auto fourth = submit(rows_of(4));
    gone.request_stop();
    model->let_go();
    EXPECT_EQ(second.get().outcome.error().kind, InferErrorKind::cancelled);
    EXPECT_EQ(data(third), answer_to(3));
    EXPECT_EQ(data(fourth), answer_to(4));
    EXPECT_EQ(model->runs(), (Runs{1, 2}));
}

TEST_F(BatchingPoolTest, AnswersWhoeverIsCancelledInARunAtOnceAndTheOthersWithTheirRows)
{
    open();
    std::stop_source gone;
    auto request = rows_of(2, 2);
    request.control.stop = gone.get_token();
    auto second = submit(std::move(request));
    auto third = submit(rows_of(3));
    model->let_one_go();
    model->await_runs(2);
    gone.request_stop();
    EXPECT_EQ(second.get().outcome.error().kind, InferErrorKind::cancelled);  // still running
    model->let_go();
    EXPECT_EQ(data(third), answer_to(3));
    EXPECT_EQ(model->runs(), (Runs{1, 3}));
    const auto stats = pool->stats();
    EXPECT_EQ(stats.cancelled, 1u);
    EXPECT_EQ(stats.inference_count, 2u);
    EXPECT_EQ(stats.running, 0u);
}

TEST_F(BatchingPoolTest, AnswersWhoeverIsOutOfTimeInARunAtOnce)
{
    open();
    auto request = rows_of(2);
    auto second = submit(rows_of(3));
    request.control.deadline = std::chrono::steady_clock::now() + 1s;
    auto third = submit(std::move(request));
    model->let_one_go();
    model->await_runs(2);
    EXPECT_EQ(third.get().outcome.error().kind, InferErrorKind::deadline);
    model->let_go();
    EXPECT_EQ(data(second), answer_to(3));
    EXPECT_EQ(pool->stats().expired, 1u);
}

TEST_F(BatchingPoolTest, AnswersWhoeverDiesTwiceOnce)
{
    open();
    std::stop_source gone;
    auto one = rows_of(2);
    auto later = rows_of(3);
    one.control.stop = gone.get_token();
    one.control.deadline = std::chrono::steady_clock::now() + 1s;
    later.control.deadline = *one.control.deadline + 1ms;
    auto second = submit(std::move(one));
    auto third = submit(std::move(later));
    auto fourth = submit(rows_of(4));
    model->let_one_go();
    model->await_runs(2);
    gone.request_stop();
    EXPECT_EQ(second.get().outcome.error().kind, InferErrorKind::cancelled);
    EXPECT_EQ(third.get().outcome.error().kind, InferErrorKind::deadline);  // both are over now
    model->let_go();
    EXPECT_EQ(data(fourth), answer_to(4));
    EXPECT_EQ(pool->stats().cancelled, 1u);
    EXPECT_EQ(pool->stats().expired, 1u);
}

TEST_F(BatchingPoolTest, StopsARunWhenNobodyIsLeft)
{
    open();
    std::stop_source gone;
    auto one = rows_of(2);
    auto other = rows_of(3);
    one.control.stop = gone.get_token();
    other.control.deadline = std::chrono::steady_clock::now() + 1s;
    auto second = submit(std::move(one));
    auto third = submit(std::move(other));
    model->let_one_go();
    model->await_runs(2);
    gone.request_stop();
    EXPECT_EQ(second.get().outcome.error().kind, InferErrorKind::cancelled);
    EXPECT_EQ(third.get().outcome.error().kind, InferErrorKind::deadline);
    auto fourth = submit(rows_of(4));
    model->await_runs(3);  // the second run was not let go: it was stopped
    model->let_go();
    EXPECT_EQ(data(fourth), answer_to(4));
    EXPECT_EQ(model->runs(), (Runs{1, 2, 1}));
}

TEST_F(BatchingPoolTest, RunsARequestAloneOnceWhenSomebodyElseSpoiltItsRun)
{
    open();
    auto good = submit(rows_of(2));
    auto bad = submit(rows_of(RowModel::poison));
    auto other = submit(rows_of(4, 2));
    model->let_go();
    EXPECT_EQ(data(good), answer_to(2));
    EXPECT_EQ(data(other), answer_to(4, 2));
    const auto answer = bad.get();
    ASSERT_FALSE(answer.outcome);
    EXPECT_EQ(answer.outcome.error().detail, "poisoned");
    EXPECT_EQ(model->runs(), (Runs{1, 4, 1, 1, 2}));
    EXPECT_EQ(pool->stats().execution_count, 3u);
    EXPECT_EQ(pool->stats().fail.count, 1u);
}

TEST_F(BatchingPoolTest, LeavesWhatTheModelDoesNotTakeToItself)
{
    open();
    auto good = submit(rows_of(2));
    auto wrong = rows_of(3);
    wrong.inputs[0].name = "input";
    auto bad = submit(std::move(wrong));
    auto other = submit(rows_of(4));
    model->let_go();
    EXPECT_EQ(data(good), answer_to(2));
    EXPECT_EQ(data(other), answer_to(4));
    EXPECT_EQ(bad.get().outcome.error().kind, InferErrorKind::invalid_input);
    EXPECT_EQ(model->runs(), (Runs{1, 2}));
}

TEST_F(BatchingPoolTest, CountsSizesThatCallersChooseInABoundedNumberOfPlaces)
{
    EXPECT_EQ(PoolStats::counted_rows(0), 0u);
    EXPECT_EQ(PoolStats::counted_rows(256), 256u);
    EXPECT_EQ(PoolStats::counted_rows(257), 512u);
    EXPECT_EQ(PoolStats::counted_rows(UINT64_MAX), std::uint64_t{1} << 62);
}

}  // namespace
}  // namespace inference
