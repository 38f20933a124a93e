#include "inference/model_pool.hpp"

#include "tests/support/shared_engine.hpp"
#include "tests/support/tiny_models.hpp"

#include <gtest/gtest.h>

#include <future>
#include <latch>

namespace inference {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// A model that says when a run has begun and waits until it is let go.
class HeldModel final : public Model {
public:
    HeldModel() { summary_.io.inputs = {{"in", DataType::UINT8, {-1}}}; }
    const ModelSummary& summary() const override { return summary_; }
    Result<RunOutput, InferError> run(std::span<const Tensor> inputs, std::span<const std::string>,
                                      const RunControl&) override
    {
        begun.count_down();
        go.wait();
        if (inputs.empty()) return InferError{InferErrorKind::deadline, "late"};
        return RunOutput{{inputs.begin(), inputs.end()}, {1ns, 2ns, 3ns}};
    }

    std::latch begun{1};
    std::latch go{1};

private:
    ModelSummary summary_;
};

PoolRequest request_of(std::uint8_t value, std::int64_t items = 1)
{
    PoolRequest request;
    request.inputs.push_back(
        {"in", DataType::UINT8, {items}, Bytes(static_cast<std::size_t>(items), value)});
    return request;
}

class ModelPoolTest : public testing::Test {
protected:
    ModelPoolTest()
    {
        auto model = std::make_unique<HeldModel>();
        model_ = model.get();
        std::vector<std::unique_ptr<Model>> models;
        models.push_back(std::move(model));
        PoolOptions options;
        options.queue_slots = 2;
        pool_ = std::make_unique<ModelPool>(std::move(models), options);
    }

    // The pool answers every request it took, so the promises outlive the calls.
    std::future<PoolAnswer> submit(PoolRequest request)
    {
        auto promise = std::make_shared<std::promise<PoolAnswer>>();
        auto future = promise->get_future();
        const auto taken = pool_->submit(std::move(request), [promise](PoolAnswer answer) {
            promise->set_value(std::move(answer));
        });
        EXPECT_TRUE(taken);
        return future;
    }

    void occupy()
    {
        running_ = submit(request_of(1));
        model_->begun.wait();
    }

    HeldModel* model_ = nullptr;
    std::unique_ptr<ModelPool> pool_;
    std::future<PoolAnswer> running_;
};

TEST_F(ModelPoolTest, AnswersWithWhatTheModelGave)
{
    model_->go.count_down();
    const auto answer = submit(request_of(7, 3)).get();
    ASSERT_TRUE(answer.outcome);
    EXPECT_EQ(answer.outcome->at(0).data, Bytes(3, 7));
    EXPECT_EQ(answer.timing.infer, 2ns);
    const auto stats = pool_->stats();
    EXPECT_EQ(stats.inference_count, 3u);
    EXPECT_EQ(stats.execution_count, 1u);
    EXPECT_EQ(stats.success.count, 1u);
    EXPECT_EQ(stats.fail.count, 0u);
    EXPECT_EQ(stats.compute_input.total, 1ns);
    EXPECT_EQ(stats.compute_output.total, 3ns);
    EXPECT_TRUE(stats.last_inference);
}

TEST_F(ModelPoolTest, SaysBusyAtOnceWhenTheQueueIsFull)
{
    occupy();
    const auto second = submit(request_of(2));
    const auto third = submit(request_of(3));
    const auto fourth = pool_->submit(request_of(4), [](PoolAnswer) { FAIL(); });
    ASSERT_FALSE(fourth);
    EXPECT_EQ(fourth.error().kind, InferErrorKind::busy);
    EXPECT_EQ(fourth.error().detail, "all 2 places in the queue are taken");
    EXPECT_EQ(pool_->stats().rejected, 1u);
    EXPECT_EQ(pool_->stats().waiting, 2u);
    EXPECT_EQ(pool_->stats().running, 1u);
    model_->go.count_down();
    third.wait();
}

TEST_F(ModelPoolTest, GivesThePlaceOfADeadRequestToALivingOne)
{
    occupy();
    std::stop_source gone;
    auto cancelled = request_of(2);
    cancelled.control.stop = gone.get_token();
    auto waiting = submit(std::move(cancelled));
    const auto third = submit(request_of(3));
    gone.request_stop();
    const auto fourth = submit(request_of(4));
    EXPECT_EQ(waiting.get().outcome.error().kind, InferErrorKind::cancelled);
    model_->go.count_down();
    fourth.wait();
    EXPECT_EQ(pool_->stats().cancelled, 1u);
}

TEST_F(ModelPoolTest, DoesNotRunWhatIsCancelledOrExpiredWhenItsTurnComes)
{
    occupy();
    std::stop_source gone;
    auto cancelled = request_of(2);
    cancelled.control.stop = gone.get_token();
    auto expired = request_of(3);
    expired.control.deadline = Clock::now() - 1s;
    auto first = submit(std::move(cancelled));
    auto second = submit(std::move(expired));
    gone.request_stop();
    model_->go.count_down();
    EXPECT_EQ(first.get().outcome.error().kind, InferErrorKind::cancelled);
    EXPECT_EQ(second.get().outcome.error().kind, InferErrorKind::deadline);
    running_.wait();
    const auto stats = pool_->stats();
    EXPECT_EQ(stats.execution_count, 1u);
    EXPECT_EQ(stats.cancelled, 1u);
    EXPECT_EQ(stats.expired, 1u);
    EXPECT_EQ(stats.fail.count, 2u);
}

TEST_F(ModelPoolTest, CountsARunThatFailsAndNoItemsOfIt)
{
    model_->go.count_down();
    EXPECT_EQ(submit({}).get().outcome.error().detail, "late");
    const auto stats = pool_->stats();
    EXPECT_EQ(stats.fail.count, 1u);
    EXPECT_EQ(stats.expired, 1u);
    EXPECT_EQ(stats.inference_count, 0u);
}

TEST_F(ModelPoolTest, ClosingAnswersThoseThatWaitAndLetsTheRunningOneFinish)
{
    occupy();
    auto waiting = submit(request_of(2));
    std::jthread closer{[this] { pool_->close(); }};
    EXPECT_EQ(waiting.get().outcome.error().kind, InferErrorKind::closed);
    EXPECT_EQ(pool_->submit(request_of(3), [](PoolAnswer) { FAIL(); }).error().kind,
              InferErrorKind::closed);
    model_->go.count_down();
    EXPECT_TRUE(running_.get().outcome);
}

TEST(ModelPool, RunsARealModelOnSeveralThreads)
{
    PoolOptions options;
    options.workers = 3;
    options.queue_slots = 100;
    const auto pool = ModelPool::open(
        shared_engine(), tiny::to_bytes(tiny::identity(DataType::UINT8, {-1})), options);
    ASSERT_TRUE(pool) << pool.error().detail;
    std::latch all{100};
    for (int i = 0; i < 100; ++i) {
        const auto value = static_cast<std::uint8_t>(i);
        const auto taken = (*pool)->submit(request_of(value, 4), [&all, value](PoolAnswer answer) {
            EXPECT_TRUE(answer.outcome);
            EXPECT_EQ(answer.outcome->at(0).data, Bytes(4, value));
            all.count_down();
        });
        ASSERT_TRUE(taken);
    }
    all.wait();
    EXPECT_EQ((*pool)->stats().inference_count, 400u);
}

TEST(ModelPool, RefusesAModelThatCannotBeLoaded)
{
    EXPECT_FALSE(ModelPool::open(shared_engine(), ledger::Bytes{1}, {}));
}

}  // namespace
}  // namespace inference
