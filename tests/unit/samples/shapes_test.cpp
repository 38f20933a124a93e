#include "samples/shapes.hpp"

#include <gtest/gtest.h>

namespace samples {
namespace {

ledger::Result<Shape> fitted(Shape input, const Shape& array)
{
    const auto spec =
        sample_of_array({"x", inference::DataType::FP32, std::move(input)}, array, "it is");
    if (!spec) return spec.error();
    return spec->shape;
}

TEST(Shapes, OfSamplesHaveNoBatch)
{
    EXPECT_EQ(sample_shape({-1, 3, 4}), (Shape{3, 4}));
    EXPECT_EQ(sample_shape({1, 3, 4}), (Shape{3, 4}));
    EXPECT_EQ(sample_shape({3, 4}), (Shape{3, 4}));
    EXPECT_EQ(sample_shape({1}), (Shape{1}));
}

TEST(Shapes, OfArraysFitFlatOrWithOnes)
{
    EXPECT_EQ(*fitted({-1, 1, 28, 28}, {28, 28}), (Shape{1, 28, 28}));
    EXPECT_EQ(*fitted({-1, 784}, {28, 28}), (Shape{784}));
    EXPECT_EQ(*fitted({-1, 28, 28, 1}, {784}), (Shape{28, 28, 1}));
    EXPECT_EQ(*fitted({-1, -1}, {28, 28}), (Shape{784}));
    EXPECT_EQ(*fitted({-1, -1, -1}, {28, 27}), (Shape{28, 27}));
    EXPECT_EQ(*fitted({-1, -1, 4}, {12}), (Shape{3, 4}));
}

TEST(Shapes, WhoseNumbersWouldChangePlacesDoNotFit)
{
    for (const auto& [input, array] :
         std::vector<std::pair<Shape, Shape>>{{{-1, 3, 32, 32}, {32, 32, 3}},
                                              {{-1, 28, 28}, {27, 28}},
                                              {{-1, 4}, {5}},
                                              {{-1, -1, 5}, {12}},
                                              {{-1, -1, -1}, {12}},
                                              {{-1, 1ll << 62, 8}, {0}},
                                              {{-1, 0}, {0}}})
        EXPECT_FALSE(fitted(input, array)) << inference::to_text(input);
    EXPECT_EQ(fitted({-1, 4}, {5}).error().detail, "it is of shape [5], and the input x takes [4]");
}

}  // namespace
}  // namespace samples
