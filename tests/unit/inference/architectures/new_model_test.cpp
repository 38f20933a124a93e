#include "inference/architectures/new_model.hpp"

#include "inference/model/inspect.hpp"
#include "inference/synthetic_input.hpp"
#include "ledger/base/hex.hpp"
#include "tests/support/shared_engine.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace inference {
namespace {

using Shape = std::vector<std::int64_t>;

NewModelOptions options_of(Architecture architecture, Shape input, std::int64_t outputs = 10)
{
    NewModelOptions options;
    options.architecture = architecture;
    options.input = std::move(input);
    options.outputs = outputs;
    return options;
}

ModelSummary inspected(const NewModelOptions& options)
{
    const auto file = write_new_model(options);
    EXPECT_TRUE(file) << (file ? "" : file.error().detail);
    if (!file) return {};
    const auto summary = inspect_model(*file);
    EXPECT_TRUE(summary) << (summary ? "" : summary.error().detail);
    return summary ? *summary : ModelSummary{};
}

std::vector<float> floats(const Tensor& tensor)
{
    std::vector<float> values(tensor.data.size() / 4);
    std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
    return values;
}

/// Runs three samples, made up, through ONNX Runtime.
std::vector<Tensor> outputs_of(const NewModelOptions& options, std::vector<Tensor>* fed = nullptr)
{
    const auto file = write_new_model(options);
    EXPECT_TRUE(file) << (file ? "" : file.error().detail);
    if (!file) return {};
    const auto model = shared_engine().load(*file);
    EXPECT_TRUE(model) << (model ? "" : model.error().detail);
    if (!model) return {};
    const auto inputs = synthetic_inputs((*model)->io(), 3, 1, 5);
    EXPECT_TRUE(inputs);
    auto ran = (*model)->run(*inputs);
    EXPECT_TRUE(ran) << (ran ? "" : ran.error().detail);
    if (fed != nullptr) *fed = *inputs;
    return ran ? std::move(ran->tensors) : std::vector<Tensor>{};
}

std::string why(const NewModelOptions& options, const NewModelLimits& limits = {})
{
    const auto file = write_new_model(options, limits);
    return file ? std::string{"it is written"} : file.error().detail;
}

TEST(NewModel, HasTheSizeOfTheNetsOfMcMahan)
{
    auto dense = options_of(Architecture::mlp, {784});
    dense.layers = {200, 200};
    EXPECT_EQ(inspected(dense).parameters, 199'210u);
    auto convolutions = options_of(Architecture::cnn, {1, 28, 28});
    convolutions.channels = {32, 64};
    convolutions.kernel = 5;
    convolutions.layers = {512};
    EXPECT_EQ(inspected(convolutions).parameters, 1'663'370u);
}

TEST(NewModel, IsOfTheFormatThatIsTaken)
{
    const auto summary = inspected(options_of(Architecture::mlp, {1, 28, 28}));
    EXPECT_EQ(summary.opset, 17);
    EXPECT_EQ(summary.ir_version, 8);
    EXPECT_TRUE(summary.constants_stay_small);
    EXPECT_EQ(summary.io, (ModelIo{{{"input", DataType::FP32, {-1, 1, 28, 28}}},
                                   {{"logits", DataType::FP32, {-1, 10}}}}));
}

struct Case {
    const char* name;
    NewModelOptions options;
};

std::vector<Case> every_kind()
{
    auto normalised = options_of(Architecture::cnn, {3, 9, 8}, 4);
    normalised.batch_normalisation = true;
    normalised.layers = {7};
    auto deep = options_of(Architecture::cnn, {1, 4, 1}, 4);
    deep.channels = {2, 2, 2, 2};
    auto small = options_of(Architecture::transformer, {6, 5}, 4);
    small.width = 12;
    small.heads = 3;
    return {{"mlp", options_of(Architecture::mlp, {2, 3}, 4)},
            {"logistic", options_of(Architecture::logistic, {5}, 4)},
            {"cnn", options_of(Architecture::cnn, {1, 8, 8}, 4)},
            {"normalised", normalised},
            {"more poolings than sides", deep},
            {"sequence", options_of(Architecture::cnn, {2, 20}, 4)},
            {"dscnn", options_of(Architecture::dscnn, {1, 49, 10}, 4)},
            {"dscnn of a sequence", options_of(Architecture::dscnn, {1, 100}, 4)},
            {"transformer", small}};
}

TEST(NewModel, OfEveryKindRuns)
{
    for (auto& [name, options] : every_kind()) {
        SCOPED_TRACE(name);
        options.probabilities = true;
        const auto outputs = outputs_of(options);
        ASSERT_EQ(outputs.size(), 2u);
        EXPECT_EQ(outputs[0].name, "logits");
        EXPECT_EQ(outputs[0].shape, (Shape{3, 4}));
        EXPECT_EQ(outputs[1].name, "probabilities");
        const auto logits = floats(outputs[0]);
        const auto probabilities = floats(outputs[1]);
        // Samples differ, and so do what is said of them and the classes.
        EXPECT_NE(logits[0], logits[4]);
        EXPECT_NE(logits[0], logits[1]);
        for (std::size_t row = 0; row < 3; ++row) {
            double sum = 0;
            for (std::size_t i = 0; i < 4; ++i) {
                EXPECT_LT(std::abs(logits[4 * row + i]), 100);
                sum += static_cast<double>(probabilities[4 * row + i]);
            }
            EXPECT_NEAR(sum, 1, 1e-5);
        }
    }
}

TEST(NewModel, OfAnAutoencoderGivesItsInputBackAndHowFarOffThatIs)
{
    for (const auto& shape : {Shape{20}, Shape{4, 5}}) {
        std::vector<Tensor> fed;
        const auto outputs = outputs_of(options_of(Architecture::autoencoder, shape), &fed);
        ASSERT_EQ(outputs.size(), 2u);
        ASSERT_EQ(fed.size(), 1u);
        EXPECT_EQ(outputs[0].shape, fed[0].shape);
        const auto input = floats(fed[0]);
        const auto output = floats(outputs[0]);
        const auto errors = floats(outputs[1]);
        ASSERT_EQ(errors.size(), 3u);
        for (std::size_t row = 0; row < 3; ++row) {
            double sum = 0;
            for (std::size_t i = 20 * row; i < 20 * row + 20; ++i)
                sum += std::pow(static_cast<double>(output[i] - input[i]), 2);
            EXPECT_NEAR(errors[row], sum / 20, 1e-5);
        }
    }
    EXPECT_EQ(inspected(options_of(Architecture::autoencoder, {20})).parameters,
              20u * 128 + 128 + 128 * 32 + 32 + 32 * 128 + 128 + 128 * 20 + 20);
}

TEST(NewModel, FollowsFromItsSeed)
{
    auto options = options_of(Architecture::logistic, {3}, 2);
    const auto first = inspected(options).content_id;
    EXPECT_EQ(inspected(options).content_id, first);
    options.seed = 1;
    EXPECT_NE(inspected(options).content_id, first);
    // The same on every machine, and for good.
    EXPECT_EQ(ledger::to_hex(first.view()),
              "072dd1ce63526991a44a70779d288e729b760281b14cf266d1459db383ddd312");
}

TEST(NewModel, OfOneOutputHasASigmoid)
{
    auto options = options_of(Architecture::logistic, {3}, 1);
    options.probabilities = true;
    const auto outputs = outputs_of(options);
    ASSERT_EQ(outputs.size(), 2u);
    const auto logit = static_cast<double>(floats(outputs[0])[1]);
    EXPECT_NEAR(floats(outputs[1])[1], 1 / (1 + std::exp(-logit)), 1e-6);
}

TEST(NewModel, SaysWhatDoesNotFit)
{
    EXPECT_EQ(why(options_of(Architecture::mlp, {})),
              "the shape of a sample has at least one size");
    EXPECT_EQ(why(options_of(Architecture::cnn, {784})),
              "a sample of convolutions is [C,H,W] or [C,T], not [784]");
    EXPECT_EQ(why(options_of(Architecture::transformer, {1, 2, 3})),
              "a sample of a transformer is [T,F], not [1,2,3]");
    EXPECT_EQ(why(options_of(Architecture::mlp, {4, 0})), "sizes are 1 to 60000000, not [4,0]");
    EXPECT_EQ(why(options_of(Architecture::mlp, {60'000'000, 60'000'000})),
              "a sample of [60000000,60000000] is too large");
    EXPECT_EQ(why(options_of(Architecture::mlp, {4}, 0)), "there is at least one output");
    EXPECT_EQ(why(options_of(Architecture::mlp, {1'000'000})),
              "the model would have more than 60000000 parameters");
    auto options = options_of(Architecture::logistic, {4});
    options.layers = {5};
    EXPECT_EQ(why(options), "logistic has no dense layers to size");
    options = options_of(Architecture::mlp, {4});
    options.channels = {5};
    EXPECT_EQ(why(options), "mlp has no channels");
    options.channels.clear();
    options.batch_normalisation = true;
    EXPECT_EQ(why(options), "mlp has no batch normalisation");
    options.batch_normalisation = false;
    options.layers.assign(300, 1);
    EXPECT_EQ(why(options), "there are 1 to 256 layers or blocks");
    options.layers = {4};
    options.input_name = "logits";
    EXPECT_EQ(why(options),
              "the input cannot be named logits, which is the name of something "
              "else in the graph");
    options = options_of(Architecture::cnn, {1, 8, 8});
    options.kernel = 4;
    EXPECT_EQ(why(options), "the side of a convolution is an odd number up to 63");
    options = options_of(Architecture::transformer, {4, 4});
    options.heads = 5;
    EXPECT_EQ(why(options), "the heads of a transformer divide its width");
    options = options_of(Architecture::autoencoder, {4});
    options.probabilities = true;
    EXPECT_EQ(why(options), "an autoencoder has no probabilities");
}

TEST(NewModel, KnowsItsKindsByName)
{
    EXPECT_EQ(architecture_named("dscnn"), Architecture::dscnn);
    EXPECT_FALSE(architecture_named("kmeans"));
}

}  // namespace
}  // namespace inference
