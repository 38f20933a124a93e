#include "training/loss/loss.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace training {
namespace {

using Kind = LossOptions::Kind;
using samples::Target;

const inference::TensorSpec two{"y", inference::DataType::FP32, {-1, 2}};
const inference::TensorSpec single{"y", inference::DataType::FP32, {-1, 1}};

Target classes(std::size_t count)
{
    return {Target::Kind::classes, std::vector<std::string>(count, "c"), {}};
}
Target numbers(std::int64_t count)
{
    return {Target::Kind::numbers, {}, {count}};
}

Loss made(LossOptions options, const Target& target, const inference::TensorSpec& spec = two,
          LastStep last = LastStep::none)
{
    auto loss = Loss::make(options, target, spec, last);
    EXPECT_TRUE(loss) << (loss ? "" : loss.error().detail);
    return *loss;
}

at::Tensor floats(std::vector<float> values, std::vector<std::int64_t> sizes)
{
    return at::tensor(values).reshape(sizes);
}

double value(const at::Tensor& tensor)
{
    return tensor.item<double>();
}

// By hand: -log(e^2 / (e^2 + e^1)) and -log(e^0 / (e^0 + e^0)).
TEST(LossTest, OfClassesIsTheMeanLogarithm)
{
    const auto answers = floats({2, 1, 0, 0}, {2, 2});
    const auto wanted = at::tensor({0, 1}, at::kLong);
    const double first = std::log1p(std::exp(-1.0));
    const double second = std::log(2.0);
    EXPECT_NEAR(value(made({}, classes(2)).of(answers, wanted)), (first + second) / 2, 1e-6);

    LossOptions weighted;
    weighted.class_weights = {1, 3};
    EXPECT_NEAR(value(made(weighted, classes(2)).of(answers, wanted)), (first + 3 * second) / 4,
                1e-6);
    LossOptions smooth;
    smooth.label_smoothing = 0.2;
    const double other = first + 1;  // the logarithm of the other class
    EXPECT_NEAR(value(made(smooth, classes(2)).of(answers, wanted)),
                ((0.9 * first + 0.1 * other) + second) / 2, 1e-6);
    EXPECT_EQ(made({}, classes(2)).hits(floats({2, 1, 3, 0}, {2, 2}), wanted), 1);
}

TEST(LossTest, OfTwoClassesMayBeOneNumber)
{
    LossOptions options;
    options.kind = Kind::binary_cross_entropy;
    const auto loss = made(options, classes(2), single, LastStep::sigmoid);
    const auto wanted = at::tensor({1, 0}, at::kLong);
    const auto answers = floats({2, 1}, {2, 1});
    EXPECT_NEAR(value(loss.of(answers, wanted)),
                (std::log1p(std::exp(-2.0)) + std::log1p(std::exp(1.0))) / 2, 1e-6);
    EXPECT_EQ(loss.hits(answers, wanted), 1);
}

TEST(LossTest, OfNumbersIsTheirSquaresOrHubers)
{
    const auto answers = floats({1, 2, 3, 7}, {2, 2});
    const auto wanted = floats({1, 1, 3, 4}, {2, 2});
    EXPECT_NEAR(value(made({}, numbers(2)).of(answers, wanted)), (1 + 9) / 4.0, 1e-6);
    LossOptions huber;
    huber.kind = Kind::huber;
    huber.delta = 2;
    EXPECT_NEAR(value(made(huber, numbers(2)).of(answers, wanted)), (0.5 + 2 * (3 - 1)) / 4, 1e-6);
    EXPECT_FALSE(made({}, numbers(2)).hits(answers, wanted));
    // After a sigmoid the squares are of what comes out of it.
    const auto after = made({}, numbers(2), two, LastStep::sigmoid);
    EXPECT_NEAR(value(after.of(floats({0, 0}, {1, 2}), floats({0.5, 1}, {1, 2}))), 0.125, 1e-6);
}

// Points on a line at 0, 1 (class 0) and 3 (class 1): the farthest of its class is 1 away, the
// nearest of others 3 and 2; the third has none of its class.
TEST(LossTest, OfTripletsGoesByTheHardest)
{
    LossOptions options;
    options.kind = Kind::triplet;
    options.margin = 1.5;
    const auto loss = made(options, classes(2));
    auto points = floats({0, 0, 1, 0, 3, 0}, {3, 2}).set_requires_grad(true);
    const auto result = loss.of(points, at::tensor({0, 0, 1}, at::kLong));
    EXPECT_NEAR(value(result), (0 + 0.5) / 2, 1e-5);
    result.backward();
    EXPECT_TRUE(points.grad().isfinite().all().item<bool>());
    auto alike = floats({1, 1, 1, 1}, {2, 2}).set_requires_grad(true);
    const auto none = loss.of(alike, at::tensor({0, 0}, at::kLong));
    EXPECT_EQ(value(none), 0) << "no sample has one of another class";
    none.backward();
    EXPECT_TRUE(alike.grad().isfinite().all().item<bool>());
}

TEST(LossTest, OfATeacherIsNothingWhereOneSaysTheSame)
{
    LossOptions options;
    options.distillation = 1;
    const auto answers = floats({2, 1, 0, 5}, {2, 2});
    const auto wanted = at::tensor({0, 1}, at::kLong);
    EXPECT_NEAR(value(made(options, classes(2)).of(answers, wanted, answers)), 0, 1e-6);
    EXPECT_NEAR(value(made(options, numbers(2)).of(answers, answers + 1, answers)), 0, 1e-6);
    options.distillation = 0.5;
    // KL of (1/2, 1/2) from softmax(1/2, 0), times the temperature squared.
    const double p = 1 / (1 + std::exp(-0.5));
    const double kl = -0.5 * std::log(4 * p * (1 - p));
    const auto one = floats({1, 0}, {1, 2});
    EXPECT_NEAR(
        value(
            made(options, classes(2)).of(one, at::tensor({0}, at::kLong), floats({0, 0}, {1, 2}))),
        0.5 * std::log1p(std::exp(-1.0)) + 0.5 * 4 * kl, 1e-6);
}

TEST(LossTest, BalancesClassesByHowOftenTheyAre)
{
    EXPECT_EQ(balancing_weights({1, 3, 0}), (std::vector<double>{4 / 3.0, 4 / 9.0, 0}));
}

TEST(LossTest, SaysWhyItDoesNotFit)
{
    const auto fault = [](Kind kind, const Target& target, const inference::TensorSpec& spec = two,
                          LastStep last = LastStep::none) {
        LossOptions options;
        options.kind = kind;
        const auto loss = Loss::make(options, target, spec, last);
        return loss ? std::string{} : loss.error().detail.substr(23);
    };
    EXPECT_EQ(fault(Kind::cross_entropy, numbers(2)), "the samples have no classes");
    EXPECT_EQ(fault(Kind::automatic, classes(3)),
              "the output 'y' has 2 numbers and the samples have 3 classes");
    EXPECT_EQ(fault(Kind::automatic, classes(2), {"y", inference::DataType::FP32, {-1, 2, 4}}),
              "cross_entropy wants an output [n,classes], not [-1,2,4]");
    EXPECT_EQ(fault(Kind::automatic, classes(2), two, LastStep::sigmoid),
              "cross_entropy of an output after a sigmoid");
    EXPECT_EQ(fault(Kind::binary_cross_entropy, classes(2)),
              "binary_cross_entropy of classes wants two of them and an output of one number");
    EXPECT_EQ(fault(Kind::binary_cross_entropy, numbers(2), two, LastStep::softmax),
              "binary_cross_entropy of an output after a softmax");
    EXPECT_EQ(fault(Kind::binary_cross_entropy, Target{}), "the samples have no target");
    EXPECT_EQ(fault(Kind::mean_squared, classes(2)),
              "the samples have classes, and this loss is one of numbers");
    EXPECT_EQ(fault(Kind::automatic, numbers(3)),
              "the output 'y' has 2 numbers and each sample's target 3");
    LossOptions options;
    options.class_weights = {1, 2, 3};
    EXPECT_EQ(Loss::make(options, classes(2), two, LastStep::none).error().detail,
              "the loss does not fit: 3 class weights for 2 classes");
    EXPECT_EQ(Loss::make(options, numbers(2), two, LastStep::none).error().detail,
              "the loss does not fit: weights of classes are for cross_entropy");
}

}  // namespace
}  // namespace training
