#include "training/optimiser/optimiser.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace training {
namespace {

using Way = OptimiserOptions::Kind;

// One number, pulled by the gradients given one after the other.
double after(Optimiser& optimiser, const at::Tensor& number, std::vector<double> gradients,
             double rate)
{
    for (const auto gradient : gradients) {
        number.mutable_grad() = at::full({1}, gradient, at::kFloat);
        optimiser.step(rate);
    }
    return number.item<double>();
}

at::Tensor one_number(float value)
{
    return at::full({1}, value, at::kFloat).set_requires_grad(true);
}

TEST(OptimiserTest, OfMomentumGoesOnAsItWent)
{
    OptimiserOptions options;
    options.kind = Way::sgd;
    options.momentum = 0.5;
    auto number = one_number(1);
    Optimiser optimiser{options, {{"w", number}}};
    // 1 - 0.1 * 2 = 0.8; then 0.8 - 0.1 * (0.5 * 2 + 1).
    EXPECT_NEAR(after(optimiser, number, {2, 1}, 0.1), 0.6, 1e-6);
}

TEST(OptimiserTest, OfAdamTakesFirstStepsOfTheRate)
{
    OptimiserOptions options;
    auto number = one_number(1);
    Optimiser adam{options, {{"w", number}}};
    EXPECT_NEAR(after(adam, number, {123}, 0.01), 0.99, 1e-6);
    options.kind = Way::adamw;
    options.weight_decay = 0.5;
    auto other = one_number(1);
    Optimiser adamw{options, {{"w", other}}};
    EXPECT_NEAR(after(adamw, other, {123}, 0.01), 1 - 0.01 * 0.5 - 0.01, 1e-6);
}

TEST(OptimiserTest, GoesOnFromItsStateBitByBit)
{
    for (const auto kind : {Way::sgd, Way::adam, Way::adamw}) {
        OptimiserOptions options;
        options.kind = kind;
        auto straight = one_number(0.3F);
        Optimiser whole{options, {{"w", straight}}};
        after(whole, straight, {0.5, -0.25, 0.125}, 0.01);

        auto first = one_number(0.3F);
        Optimiser before{options, {{"w", first}}};
        after(before, first, {0.5}, 0.01);
        auto second = first.detach().clone().set_requires_grad(true);
        Optimiser later{options, {{"w", second}}};
        const auto restored = later.restore(before.state());
        ASSERT_TRUE(restored) << restored.error().detail;
        after(later, second, {-0.25, 0.125}, 0.01);
        EXPECT_TRUE(at::equal(straight, second)) << static_cast<int>(kind);
    }
}

TEST(OptimiserTest, RefusesAStateThatIsNotWhole)
{
    auto number = one_number(1);
    Optimiser adam{{}, {{"w", number}}};
    after(adam, number, {1}, 0.1);
    auto state = adam.state();
    ASSERT_EQ(state.size(), 3);
    state.pop_back();
    const auto restored = adam.restore(state);
    ASSERT_FALSE(restored);
    EXPECT_EQ(restored.error().detail, "the state of the optimiser lacks 'w/exp_avg_sq'");
    state.push_back({"w/exp_avg_sq", at::zeros({2})});
    EXPECT_FALSE(adam.restore(state)) << "of another shape";
}

TEST(OptimiserTest, RemembersNothingOfWhatNeverMoved)
{
    auto number = one_number(1);
    auto still = one_number(5);
    Optimiser adam{{}, {{"w", number}, {"still", still}}};
    after(adam, number, {1}, 0.1);
    EXPECT_EQ(still.item<double>(), 5);
    EXPECT_TRUE(adam.restore(adam.state()));
}

}  // namespace
}  // namespace training
