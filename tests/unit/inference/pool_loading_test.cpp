#include "inference/model_pool.hpp"
#include "inference/self_test.hpp"
#include "tests/support/shared_engine.hpp"
#include "tests/support/tiny_models.hpp"

#include <gtest/gtest.h>

#include <future>

namespace inference {
namespace {

using namespace std::chrono_literals;

/// x - mean of all rows: what a row gets depends on its neighbours.
onnx::ModelProto mixing()
{
    auto model = tiny::empty_model();
    tiny::add_input(model, "x", DataType::FP32, {-1, 4});
    tiny::add_output(model, "y", DataType::FP32, {-1, 4});
    auto& mean = tiny::add_node(*model.mutable_graph(), "ReduceMean", {"x"}, {"mean"});
    auto& axes = *mean.add_attribute();
    axes.set_name("axes");
    axes.set_type(onnx::AttributeProto::INTS);
    axes.add_ints(0);
    tiny::add_node(*model.mutable_graph(), "Sub", {"x", "mean"}, {"y"});
    return model;
}

/// Says [-1,4] and fails with more than three rows: reshapes to at most 3 x 4 and back.
onnx::ModelProto at_most_three()
{
    auto model = tiny::empty_model();
    tiny::add_input(model, "x", DataType::FP32, {-1, 4});
    tiny::add_output(model, "y", DataType::FP32, {-1, 4});
    tiny::add_floats(model, "w", {3, 4}, std::vector<float>(12, 0.0F));
    auto& graph = *model.mutable_graph();
    tiny::add_ints(model, "first", {1}, {0});
    tiny::add_ints(model, "one", {1}, {1});
    tiny::add_node(graph, "Shape", {"x"}, {"shape"});
    tiny::add_node(graph, "Slice", {"shape", "first", "one"}, {"rows"});
    tiny::add_node(graph, "Sub", {"rows", "one"}, {"last"});
    tiny::add_node(graph, "Gather", {"w", "last"}, {"row"});  // out of range from 4 on
    tiny::add_node(graph, "Add", {"x", "row"}, {"y"});
    return model;
}

Result<std::unique_ptr<ModelPool>> open(const onnx::ModelProto& model, const PoolOptions& options,
                                        const LoadOptions& load = {})
{
    return ModelPool::open(shared_engine(), tiny::to_bytes(model), options, load);
}

LoadFacts facts_of(const onnx::ModelProto& model, std::uint64_t max_rows)
{
    PoolOptions options;
    options.batch.max_rows = max_rows;
    const auto pool = open(model, options);
    EXPECT_TRUE(pool) << (pool ? "" : pool.error().detail);
    return pool ? (*pool)->stats().loading : LoadFacts{};
}

TEST(PoolLoading, JoinsRowsOfAModelThatGivesTheSameBitsAlone)
{
    for (const auto& model : {tiny::mlp(), tiny::cnn()}) {
        const auto facts = facts_of(model, 32);
        EXPECT_EQ(facts.batch_rows, 32u) << facts.why_not_more;
        EXPECT_EQ(facts.why_not_more, "");
        EXPECT_GT(facts.self_test, 0ns);
    }
}

TEST(PoolLoading, JoinsRowsOfEveryType)
{
    for (const auto type : all_datatypes)
        EXPECT_EQ(facts_of(tiny::identity(type, {-1, 3}), 4).batch_rows, 4u) << name_of(type);
}

TEST(PoolLoading, FindsASizeForWhatIsOpenBesidesTheRows)
{
    EXPECT_EQ(facts_of(tiny::identity(DataType::FP32, {-1, -1, 2}), 4).batch_rows, 4u);
}

TEST(PoolLoading, DoesNotJoinWhatDependsOnItsNeighbours)
{
    const auto facts = facts_of(mixing(), 8);
    EXPECT_EQ(facts.batch_rows, 1u);
    EXPECT_EQ(facts.why_not_more,
              "output 'y' of a row differs between a run of its own and a run of 2 rows");
}

TEST(PoolLoading, JoinsAsManyRowsAsTheTestBearsOut)
{
    const auto facts = facts_of(at_most_three(), 8);
    EXPECT_EQ(facts.batch_rows, 3u);
    EXPECT_EQ(facts.why_not_more.substr(0, 23), "a run of 4 rows fails: ");
}

TEST(PoolLoading, TestsNoMoreRowsThanABatchMayHoldBytes)
{
    PoolOptions options;
    options.batch.max_rows = 1024;
    options.batch.max_bytes = 60;  // a row of 12 bytes comes and goes
    const auto pool = open(tiny::identity(DataType::FP32, {-1, 3}), options);
    ASSERT_TRUE(pool);
    const auto facts = (*pool)->stats().loading;
    EXPECT_EQ(facts.batch_rows, 2u);
    EXPECT_EQ(facts.why_not_more, "3 rows and what comes of them are more than 60 bytes");
}

TEST(PoolLoading, DoesNotJoinWhereTheRowsAreFixed)
{
    const auto facts = facts_of(tiny::add({1, 3}), 8);
    EXPECT_EQ(facts.batch_rows, 1u);
    EXPECT_NE(facts.why_not_more.find("input 'a' has the shape [1,3]"), std::string::npos);
}

TEST(PoolLoading, DoesNotTestWhatNobodyAskedFor)
{
    const auto facts = facts_of(mixing(), 1);
    EXPECT_EQ(facts.batch_rows, 1u);
    EXPECT_EQ(facts.why_not_more, "");
}

TEST(PoolLoading, GivesEachOfManyTheBitsOfItsOwnRun)
{
    PoolOptions options;
    options.batch.max_rows = 16;
    options.batch.delay = 10ms;
    options.queue_slots = 64;
    const auto pool = open(tiny::cnn(), options);
    ASSERT_TRUE(pool);
    const auto alone = shared_engine().load(tiny::to_bytes(tiny::cnn()));
    ASSERT_TRUE(alone);
    std::vector<std::vector<Tensor>> expected;
    std::vector<std::future<PoolAnswer>> answers;
    for (std::uint64_t i = 0; i < 40; ++i) {
        PoolRequest request;
        const auto model_io = (*pool)->summary().io;
        Tensor image{
            "image", DataType::FP32, {static_cast<std::int64_t>(1 + i % 3), 1, 28, 28}, {}};
        for (std::int64_t pixel = 0; pixel < image.shape[0] * 784; ++pixel) {
            const auto value =
                static_cast<float>((i * 31 + static_cast<std::uint64_t>(pixel)) % 97);
            const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
            image.data.insert(image.data.end(), bytes, bytes + sizeof value);
        }
        request.inputs.push_back(image);
        expected.push_back((*alone)->run(request.inputs)->tensors);
        auto promise = std::make_shared<std::promise<PoolAnswer>>();
        answers.push_back(promise->get_future());
        ASSERT_TRUE((*pool)->submit(std::move(request), [promise](PoolAnswer answer) {
            promise->set_value(std::move(answer));
        }));
    }
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const auto answer = answers[i].get();
        ASSERT_TRUE(answer.outcome);
        EXPECT_EQ(*answer.outcome, expected[i]) << i;
    }
    EXPECT_LT((*pool)->stats().execution_count, 40u);
}

TEST(PoolLoading, WarmsUpEveryCopyAndSaysHowLongItTook)
{
    PoolOptions options;
    options.workers = 2;
    options.warm_up_runs = 3;
    const auto pool = open(tiny::mlp(), options);
    ASSERT_TRUE(pool);
    const auto stats = (*pool)->stats();
    EXPECT_GT(stats.loading.warm_up, 0ns);
    EXPECT_GT(stats.loading.load, 0ns);
    EXPECT_EQ(stats.execution_count, 0u);  // nobody's calls
}

TEST(PoolLoading, RefusesAModelWhoseWarmUpFails)
{
    auto model = tiny::empty_model();
    tiny::add_input(model, "x", DataType::FP32, {2, 2});
    tiny::add_output(model, "y", DataType::FP32, {-1});
    tiny::add_ints(model, "nowhere", {1}, {9});
    tiny::add_node(*model.mutable_graph(), "Identity", {"nowhere"}, {"at"});
    tiny::add_node(*model.mutable_graph(), "Reshape", {"x", "at"}, {"y"});
    PoolOptions options;
    ASSERT_TRUE(open(model, options));
    options.warm_up_runs = 2;
    const auto refused = open(model, options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().detail.substr(0, 23), "warm-up run 1 of 2: Non");
}

TEST(PoolLoading, RefusesAModelWhoseWarmUpTakesTooLong)
{
    PoolOptions options;
    options.warm_up_runs = 1;
    options.test_time = 30ms;
    const auto refused = open(tiny::slow(100'000'000), options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().detail, "warm-up run 1 of 1: the request was not done in time");
}

TEST(PoolLoading, RefusesAModelThatDoesNotFitBeforeItIsLoaded)
{
    LoadOptions load;
    load.memory = ModelMemory::make(500'000);
    const auto file = tiny::to_bytes(tiny::mlp());
    const auto summary = inspect_model(file);
    const auto estimate = summary->file_bytes + summary->parameter_bytes;
    const auto refused = ModelPool::open(shared_engine(), file, {}, load);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ledger::ErrorKind::full);
    EXPECT_EQ(refused.error().detail,
              "the model needs about " + std::to_string(estimate) + " bytes (its file " +
                  std::to_string(summary->file_bytes) + ", its weights " +
                  std::to_string(summary->parameter_bytes) +
                  ") for each of 1 copies; of the 500000 that models may hold, 0 are in use");
    EXPECT_EQ(load.memory->used_bytes(), 0u);
}

TEST(PoolLoading, CountsWhatAModelHoldsUntilItIsUnloaded)
{
    LoadOptions load;
    load.memory = ModelMemory::make(10'000'000);
    PoolOptions options;
    options.workers = 2;
    {
        const auto pool = open(tiny::mlp(), options, load);
        ASSERT_TRUE(pool) << pool.error().detail;
        const auto held = (*pool)->stats().loading.memory_bytes;
        EXPECT_GE(held, 2 * 101'770u * 4);  // the weights, twice
        EXPECT_EQ(load.memory->used_bytes(), held);
        load.memory->used_bytes();
        options.workers = 16;
        EXPECT_FALSE(open(tiny::mlp(), options, load));
        EXPECT_EQ(load.memory->used_bytes(), held);
    }
    EXPECT_EQ(load.memory->used_bytes(), 0u);
}

TEST(PoolLoading, UsesTheFirstProviderThatIsThere)
{
    LoadOptions load;
    load.providers = {"cuda", "cpu"};
    const auto pool = open(tiny::mlp(), {}, load);
    ASSERT_TRUE(pool) << pool.error().detail;
    const auto provider = (*pool)->stats().loading.provider;
    EXPECT_TRUE(provider == "cpu" || provider == "cuda") << provider;
}

TEST(PoolLoading, RefusesAProviderThatIsNotThereWhereNoOtherIsNamed)
{
    LoadOptions load;
    load.providers = {"tpu"};
    const auto unknown = open(tiny::mlp(), {}, load);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().kind, ledger::ErrorKind::unavailable);
    EXPECT_EQ(unknown.error().detail, "provider tpu is not one we know: cpu, cuda");
    load.providers = {};
    EXPECT_EQ(open(tiny::mlp(), {}, load).error().detail, "no execution provider is named");
}

TEST(ModelMemory, GivesWhatIsLeftAndTakesItBack)
{
    const auto memory = ModelMemory::make(100);
    auto first = memory->take(60);
    ASSERT_TRUE(first);
    const auto refused = memory->take(41);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().detail,
              "41 bytes do not fit: of the 100 that models may hold, 60 are in use");
    auto second = memory->take(40);
    ASSERT_TRUE(second);
    EXPECT_FALSE((*first)->settle(61));
    EXPECT_EQ((*first)->bytes(), 60u);
    EXPECT_TRUE((*second)->settle(10));
    EXPECT_TRUE((*first)->settle(90));
    EXPECT_EQ(memory->used_bytes(), 100u);
    first->reset();
    EXPECT_EQ(memory->used_bytes(), 10u);
}

}  // namespace
}  // namespace inference
