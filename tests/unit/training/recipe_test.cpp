#include "training/recipe/recipe.hpp"

#include <gtest/gtest.h>

namespace training {
namespace {

ledger::Result<Recipe> read(std::string_view text)
{
    return read_recipe(ledger::as_bytes(text));
}

TEST(RecipeTest, AnEmptyOneHasTheDefaults)
{
    const auto recipe = read("{}");
    ASSERT_TRUE(recipe) << recipe.error().detail;
    EXPECT_EQ(recipe_text(*recipe), recipe_text(Recipe{}));
}

TEST(RecipeTest, ComesBackFromItsTextWithTheSameHash)
{
    const auto recipe = read(R"({
        "seed": 9, "epochs": 3, "steps": 70, "batch": 8, "precision": "bfloat16",
        "loss": {"kind": "cross_entropy", "output": "y", "label_smoothing": 0.1,
                 "class_weights": [1, 0.5], "distillation": 0.5, "temperature": 4},
        "optimiser": {"kind": "sgd", "rate": 0.05, "momentum": 0.8, "nesterov": true, "weight_decay": 1e-4},
        "schedule": {"kind": "cosine", "warmup": 10, "floor": 0.01},
        "clip": {"norm": 1, "value": 0.5},
        "tensors": {"train": ["fc*"], "freeze": ["fc1.*"], "head_only": true, "batch_normalisation": false,
                    "towards_start": 0.01, "snap": "bfloat16"},
        "quantise": {"bits": 0, "per_channel": false, "start": 0.25},
        "validation": {"share": 0.2, "every": 2, "patience": 3, "least_gain": 0.001, "by": "accuracy"},
        "augment": {"shift": 0.1, "rotate": 15, "zoom": 0.1, "mirror": true, "gain": 0.2, "offset": 0.1,
                    "noise": 0.05, "erase": 0.1}})");
    ASSERT_TRUE(recipe) << recipe.error().detail;
    const auto again = read(recipe_text(*recipe));
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(recipe_text(*again), recipe_text(*recipe));
    EXPECT_EQ(recipe_hash(*again), recipe_hash(*recipe));
    EXPECT_NE(recipe_hash(*again), recipe_hash(Recipe{}));
    EXPECT_EQ(again->optimiser.rate, 0.05);
    EXPECT_EQ(again->tensors.snap, TensorOptions::Grid::bfloat16);
    EXPECT_FALSE(again->quantise.per_channel);
    EXPECT_EQ(again->quantise.start, 0.25);
    EXPECT_EQ(again->validation.by, ValidationOptions::Measure::accuracy);
}

TEST(RecipeTest, NamesWhatIsWrong)
{
    const std::pair<const char*, const char*> cases[] = {
        {"[]", "the recipe is no JSON object"},
        {"{", "the recipe is no JSON object"},
        {R"({"rate": 1})", "the recipe's 'rate' is no field of a recipe"},
        {R"({"loss": {"kind": "hinge"}})",
         "the recipe's 'loss.kind' is none of automatic, cross_entropy, binary_cross_entropy, "
         "mean_squared, huber, triplet"},
        {R"({"loss": 3})", "the recipe's 'loss' is not an object"},
        {R"({"loss": {"sharpness": 1}})", "the recipe's 'loss.sharpness' is no field of a recipe"},
        {R"({"loss": {"output": 1}})", "the recipe's 'loss.output' is not a text"},
        {R"({"loss": {"class_weights": 1}})",
         "the recipe's 'loss.class_weights' is not a list of numbers"},
        {R"({"loss": {"class_weights": [1, "a"]}})",
         "the recipe's 'loss.class_weights' is not a number"},
        {R"({"optimiser": {"rate": -1}})",
         "the recipe's 'optimiser.rate' is not from 0.0 to 1000.0"},
        {R"({"optimiser": {"beta1": 1}})",
         "the recipe's 'optimiser.beta1' is not from 0.0 to 0.999999999"},
        {R"({"optimiser": {"rate": "fast"}})", "the recipe's 'optimiser.rate' is not a number"},
        {R"({"batch": 0})", "the recipe's 'batch' is not from 1.0 to 1048576.0"},
        {R"({"batch": 1.5})", "the recipe's 'batch' is not a whole number"},
        {R"({"seed": -1})", "the recipe's 'seed' is not a whole number"},
        {R"({"tensors": {"train": "all"}})", "the recipe's 'tensors.train' is not a list of texts"},
        {R"({"tensors": {"head_only": 1}})",
         "the recipe's 'tensors.head_only' is not true or false"},
        {R"({"quantise": {"bits": 9}})", "the recipe's 'quantise.bits' is not from 0.0 to 8.0"},
        {R"({"quantise": {"bits": 1}})",
         "the recipe's 'quantise.bits' is neither 0 nor from 2 to 8"},
        {R"({"quantise": {"start": 1.5}})", "the recipe's 'quantise.start' is not from 0.0 to 1.0"},
        {R"({"quantise": {"bits": 8}, "tensors": {"snap": "float16"}})",
         "the recipe's 'quantise.bits' and 'tensors.snap' exclude each other"},
        {R"({"quantise": {"bits": 8}, "precision": "bfloat16"})",
         "the recipe's 'quantise.bits' goes with the 'precision' float32 only"},
        {R"({"epochs": 0})", "the recipe's length is given neither by 'epochs' nor by 'steps'"},
        {R"({"loss": {"balanced": true, "class_weights": [1]}})",
         "the recipe's 'loss.balanced' and 'loss.class_weights' exclude each other"},
    };
    for (const auto& [text, why] : cases) {
        const auto recipe = read(text);
        ASSERT_FALSE(recipe) << text;
        EXPECT_EQ(recipe.error().detail, why);
    }
    EXPECT_FALSE(read(std::string(most_recipe_bytes + 1, ' ')));
    EXPECT_FALSE(read(std::string(most_recipe_bytes, '['))) << "depth takes no stack";
}

}  // namespace
}  // namespace training
