#include "samples/picture.hpp"

#include "samples/picture_pixels.hpp"
#include "tests/unit/samples/files.hpp"

namespace samples {
namespace {

TEST(Pictures, AboveTheLimitsAreRefusedBeforeTheyAreDecoded)
{
    const auto fits = png(4, 4, std::vector<std::uint8_t>(16));
    EXPECT_EQ(read_picture(fits, 1, {.pixels = 15}).error().kind, ledger::ErrorKind::full);
    EXPECT_TRUE(read_picture(fits, 1, {.pixels = 16}));
    EXPECT_EQ(read_picture(fits, 1, {.file_bytes = 10}).error().kind, ledger::ErrorKind::full);
}

TEST(Pictures, AreNormalisedByChannelInEitherOrder)
{
    const auto picture = read_picture(png(1, 1, {255, 0, 51}, PNG_FORMAT_RGB), 3);
    ASSERT_TRUE(picture) << picture.error().detail;
    Normalise options;
    options.mean = {0.5, 0, 0.2};
    options.deviation = {0.5, 1, 0.1};
    for (const bool last : {false, true}) {
        const PictureLayout layout{3, 1, 1, last};
        const auto normalise = Normaliser::make(
            options, {"x", inference::DataType::FP32, last ? Shape{1, 1, 3} : Shape{3, 1, 1}},
            layout, 1);
        ASSERT_TRUE(normalise) << normalise.error().detail;
        OneSample sample;
        sample.input.resize(12);
        put_picture(*picture, last, inference::DataType::FP32, *normalise, sample.input);
        EXPECT_FLOAT_EQ(sample.floats()[0], 1);
        EXPECT_FLOAT_EQ(sample.floats()[1], 0);
        EXPECT_NEAR(sample.floats()[2], 0, 1e-6);
    }
}

}  // namespace
}  // namespace samples
