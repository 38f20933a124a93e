#include "samples/normalise.hpp"

#include <gtest/gtest.h>

namespace samples {
namespace {

inference::TensorSpec spec(Shape shape)
{
    return {"x", inference::DataType::FP32, std::move(shape)};
}

TEST(Normalise, ScalesThenInvertsThenCentres)
{
    Normalise options;
    options.scale = 0.5;
    options.invert = true;
    options.mean = {0.25};
    options.deviation = {2};
    const auto normalise = Normaliser::make(options, spec({4}), {}, 1);
    ASSERT_TRUE(normalise);
    EXPECT_EQ((*normalise)(1, 3), ((1 - 0.5) - 0.25) / 2);
    EXPECT_FALSE(normalise->changes_nothing());
    EXPECT_TRUE(Normaliser::make({}, spec({4}), {}, 1)->changes_nothing());
    EXPECT_EQ((*Normaliser::make({}, spec({4}), {}, 0.5))(3, 0), 1.5);
}

TEST(Normalise, KnowsChannelsColumnsAndSingleNumbers)
{
    const auto at = [](Shape shape, std::size_t means, std::optional<PictureLayout> layout,
                       std::size_t element) {
        Normalise options;
        for (std::size_t i = 0; i < means; ++i) options.mean.push_back(-static_cast<double>(i) - 1);
        const auto normalise = Normaliser::make(options, spec(std::move(shape)), layout, 1);
        return normalise ? (*normalise)(0, element) : -1;
    };
    EXPECT_EQ(at({3, 2, 2}, 3, PictureLayout{3, 2, 2, false}, 4), 2);
    EXPECT_EQ(at({2, 2, 3}, 3, PictureLayout{3, 2, 2, true}, 4), 2);
    EXPECT_EQ(at({5, 3}, 3, {}, 4), 2);
    EXPECT_EQ(at({5, 3}, 15, {}, 4), 5);
    EXPECT_EQ(at({5, 3}, 1, {}, 4), 1);
    EXPECT_EQ(at({5, 3}, 5, {}, 4), -1);
}

TEST(Normalise, DividesByNothingThatIsNotAboveZero)
{
    Normalise options;
    options.deviation = {0};
    EXPECT_FALSE(Normaliser::make(options, spec({4}), {}, 1));
    options.deviation = {-1};
    EXPECT_FALSE(Normaliser::make(options, spec({4}), {}, 1));
}

}  // namespace
}  // namespace samples
