// Random requests on a pool that joins them: each is answered exactly once, with its own rows or
// with a reason of its own.
#include "inference/model_pool.hpp"

#include "tests/support/row_model.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <latch>
#include <random>
#include <thread>

namespace inference {
namespace {

using namespace std::chrono_literals;

struct Sent {
    std::uint8_t value = 0;
    std::int64_t rows = 1;
    bool wrong = false;
    bool may_end = false;  ///< has a deadline, or is cancelled
    std::stop_source stop;
    std::atomic<int> answers = 0;
};

class RandomCalls {
public:
    explicit RandomCalls(std::uint64_t seed) : random_{seed}
    {
        options_.workers = 1 + static_cast<unsigned>(below(3));
        options_.queue_slots = 8 + below(60);
        options_.batch.max_rows = 1 + below(12);
        options_.batch.delay = std::chrono::microseconds{below(3) == 0 ? below(300) : 0};
        if (below(2) == 0) options_.batch.preferred = {2, 4};
        options_.priority_levels = 1 + static_cast<unsigned>(below(3));
        options_.default_level = 1 + static_cast<unsigned>(below(options_.priority_levels));
        if (below(4) == 0) options_.max_age = 200us;
        std::vector<std::unique_ptr<Model>> models;
        for (unsigned i = 0; i < options_.workers; ++i)
            models.push_back(std::make_unique<RowModel>());
        pool_ = std::make_unique<ModelPool>(std::move(models), options_);
    }

    void run(std::size_t calls)
    {
        std::vector<std::shared_ptr<Sent>> sent;
        std::uint64_t refused = 0;
        for (std::size_t i = 0; i < calls; ++i) {
            auto call = std::make_shared<Sent>();
            if (send(call))
                sent.push_back(call);
            else
                ++refused;
            if (below(8) == 0 && !sent.empty()) {
                const auto& other = sent[below(sent.size())];
                if (other->may_end) other->stop.request_stop();
            }
            if (below(50) == 0) std::this_thread::yield();
        }
        if (below(2) == 0)
            while (pool_->stats().waiting != 0 || pool_->stats().running != 0)
                std::this_thread::yield();
        pool_->close();
        for (const auto& call : sent) EXPECT_EQ(call->answers.load(), 1);
        const auto stats = pool_->stats();
        EXPECT_EQ(stats.running, 0u);
        EXPECT_EQ(stats.inference_count, answered_rows_.load());
        std::uint64_t runs = 0;
        for (const auto& [rows, of_size] : stats.batches) runs += of_size.compute_infer.count;
        EXPECT_EQ(runs, stats.execution_count);
        EXPECT_LE(first_answers_.load(), stats.execution_count);  // all who shared it may be dead
        EXPECT_GE(stats.rejected, refused);
    }

private:
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

    bool send(const std::shared_ptr<Sent>& call)
    {
        call->value = static_cast<std::uint8_t>(below(40) == 0 ? RowModel::poison : below(200));
        call->rows = static_cast<std::int64_t>(below(20) == 0 ? below(20) : 1 + below(3));
        auto request = rows_of(call->value, call->rows);
        request.priority = below(5);
        if (below(25) == 0) {
            call->wrong = true;
            request.inputs[0].shape[1] = 3;
        }
        if (below(3) == 0) {
            call->may_end = true;
            request.control.stop = call->stop.get_token();
            if (below(2) == 0)
                request.control.deadline =
                    std::chrono::steady_clock::now() + std::chrono::microseconds{below(2000)};
        }
        return pool_
            ->submit(std::move(request),
                     [this, call](const PoolAnswer& answer) { check(*call, answer); })
            .has_value();
    }

    void check(Sent& call, const PoolAnswer& answer)
    {
        ++call.answers;
        if (answer.run_rows != 0) ++first_answers_;
        if (answer.outcome) {
            answered_rows_ += static_cast<std::uint64_t>(call.rows);
            EXPECT_EQ(answer.outcome->at(0).data, answer_to(call.value, call.rows));
            EXPECT_FALSE(call.wrong);
            EXPECT_LE(answer.own_infer, answer.timing.infer);
            return;
        }
        switch (answer.outcome.error().kind) {
            case InferErrorKind::failed:
                EXPECT_EQ(call.value, RowModel::poison);
                break;
            case InferErrorKind::invalid_input:
                EXPECT_TRUE(call.wrong);
                break;
            case InferErrorKind::cancelled:
            case InferErrorKind::deadline:
                EXPECT_TRUE(call.may_end);
                break;
            case InferErrorKind::busy:
                EXPECT_NE(options_.max_age, 0us);
                break;
            case InferErrorKind::closed:
                break;
            default:
                ADD_FAILURE() << answer.outcome.error().detail;
        }
    }

    std::mt19937_64 random_;
    PoolOptions options_;
    std::atomic<std::uint64_t> answered_rows_ = 0;
    std::atomic<std::uint64_t> first_answers_ = 0;
    std::unique_ptr<ModelPool> pool_;
};

TEST(ModelPoolProperty, AnswersEveryRequestOnceWithItsOwnRows)
{
    std::uint64_t first = 1;
    if (const char* seed = std::getenv("MILLRACE_SEED")) first = std::strtoull(seed, nullptr, 10);
    for (auto seed = first; seed < first + 60 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("MILLRACE_SEED=" + std::to_string(seed));
        RandomCalls{seed}.run(1'500);
    }
}

}  // namespace
}  // namespace inference
