#include "tests/support/shared_engine.hpp"
#include "tests/support/tiny_models.hpp"

#include <gtest/gtest.h>

#include <cstring>

// Models of a few hundred bytes that are sound as files and ask for gigabytes when they run or
// are loaded. The budget stops each before the memory is taken.
namespace inference {
namespace {

Tensor sizes(const std::string& name, const std::vector<std::int64_t>& values)
{
    Tensor tensor{name,
                  DataType::INT64,
                  {static_cast<std::int64_t>(values.size())},
                  Bytes(values.size() * 8)};
    std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
    return tensor;
}

LoadOptions small_budget()
{
    LoadOptions options;
    options.load_bytes = 16u << 20;
    options.run_bytes = 16u << 20;
    options.output_bytes = 1u << 20;
    return options;
}

InferError run_error(const onnx::ModelProto& proto, const std::vector<Tensor>& inputs)
{
    const auto model = shared_engine().load(tiny::to_bytes(proto), small_budget());
    if (!model) return {InferErrorKind::closed, model.error().detail};
    const auto out = (*model)->run(inputs);
    return out ? InferError{InferErrorKind::closed, "it ran"} : out.error();
}

TEST(ResourceBomb, AnOutputAboveTheLimitIsRefusedThoughItFitsInMemory)
{
    const auto error = run_error(tiny::growing(), {sizes("size", {1 << 20})});
    EXPECT_EQ(error.kind, InferErrorKind::too_large);
    EXPECT_EQ(error.detail, "output 'zeros' has 4194304 bytes, more than is allowed");
}

TEST(ResourceBomb, AShapeFromTheCallerCannotTakeMoreThanTheBudget)
{
    for (const auto size : {std::int64_t{1} << 24, std::int64_t{1} << 40}) {
        const auto error = run_error(tiny::growing(), {sizes("size", {size})});
        EXPECT_EQ(error.kind, InferErrorKind::too_large) << error.detail;
        EXPECT_EQ(error.detail, "the run needs more than 16777216 bytes of memory");
    }
}

TEST(ResourceBomb, ANegativeShapeFromTheCallerFails)
{
    const auto error = run_error(tiny::growing(), {sizes("size", {-5})});
    EXPECT_EQ(error.kind, InferErrorKind::failed) << error.detail;
}

TEST(ResourceBomb, AConstantThatGrowsIsNotMadeWhileLoading)
{
    auto proto = tiny::empty_model();
    tiny::add_ints(proto, "shape", {1}, {std::int64_t{1} << 31});
    tiny::add_output(proto, "zeros", DataType::FP32, {-1});
    tiny::add_node(*proto.mutable_graph(), "ConstantOfShape", {"shape"}, {"zeros"});
    EXPECT_EQ(run_error(proto, {}).kind, InferErrorKind::too_large);
}

TEST(ResourceBomb, AnExpandedInputIsRefused)
{
    auto proto = tiny::empty_model();
    tiny::add_input(proto, "x", DataType::INT64, {1});
    tiny::add_ints(proto, "shape", {2}, {1 << 20, 1 << 20});
    tiny::add_output(proto, "y", DataType::INT64, {-1, -1});
    tiny::add_node(*proto.mutable_graph(), "Expand", {"x", "shape"}, {"y"});
    EXPECT_EQ(run_error(proto, {sizes("x", {1})}).kind, InferErrorKind::too_large);
}

TEST(ResourceBomb, ALongRangeIsRefused)
{
    auto proto = tiny::empty_model();
    tiny::add_ints(proto, "zero", {}, {0});
    tiny::add_ints(proto, "one", {}, {1});
    tiny::add_input(proto, "size", DataType::INT64, {});
    tiny::add_output(proto, "y", DataType::INT64, {-1});
    tiny::add_node(*proto.mutable_graph(), "Range", {"zero", "size", "one"}, {"y"});
    auto size = sizes("size", {std::int64_t{1} << 40});
    size.shape = {};
    EXPECT_EQ(run_error(proto, {size}).kind, InferErrorKind::too_large);
}

TEST(ResourceBomb, AnOuterProductOfSmallInputsIsRefused)
{
    auto proto = tiny::empty_model();
    tiny::add_input(proto, "a", DataType::INT64, {-1, 1});
    tiny::add_input(proto, "b", DataType::INT64, {1, -1});
    tiny::add_output(proto, "y", DataType::INT64, {-1, -1});
    tiny::add_node(*proto.mutable_graph(), "Mul", {"a", "b"}, {"y"});
    auto a = sizes("a", std::vector<std::int64_t>(10'000));
    a.shape = {10'000, 1};
    auto b = sizes("b", std::vector<std::int64_t>(10'000));
    b.shape = {1, 10'000};
    EXPECT_EQ(run_error(proto, {a, b}).kind, InferErrorKind::too_large);
}

TEST(ResourceBomb, ABudgetIsWholeAgainForTheNextRun)
{
    const auto model = shared_engine().load(tiny::to_bytes(tiny::growing()), small_budget());
    ASSERT_TRUE(model);
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE((*model)->run(std::vector{sizes("size", {1 << 24})}));
        EXPECT_TRUE((*model)->run(std::vector{sizes("size", {100'000})}));
    }
}

}  // namespace
}  // namespace inference
