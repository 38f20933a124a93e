#include "demo/glyphs.hpp"
#include "demo/perceptron.hpp"
#include "demo/write_onnx.hpp"
#include "demo/write_png.hpp"
#include "tests/support/shared_engine.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>

namespace demo {
namespace {

std::vector<Sample> draw_samples(std::size_t count, std::uint64_t seed)
{
    Random random{seed};
    std::vector<Sample> samples(count);
    for (std::size_t i = 0; i < count; ++i) {
        samples[i].digit = static_cast<int>(i % classes);
        samples[i].image = draw_digit(samples[i].digit, random);
    }
    return samples;
}

Perceptron trained(std::uint64_t seed, std::size_t count = 4'000)
{
    Random random{seed};
    auto samples = draw_samples(count, seed);
    Perceptron net{random};
    Training training;
    training.epochs = 2;
    train(net, samples, training, random, [](int, float) {});
    return net;
}

TEST(Digits, AreDrawnAlikeFromOneSeedAndDifferentlyFromAnother)
{
    Random a{5}, b{5}, c{6};
    const auto first = draw_digit(3, a);
    EXPECT_EQ(first, draw_digit(3, b));
    EXPECT_NE(first, draw_digit(3, c));
    EXPECT_NE(first, draw_digit(3, a));
}

TEST(Digits, AreInkOnPaper)
{
    Random random{1};
    for (int digit = 0; digit < classes; ++digit)
        for (int i = 0; i < 20; ++i) {
            const auto image = draw_digit(digit, random);
            const auto ink = std::accumulate(image.begin(), image.end(), 0.0F);
            EXPECT_GT(ink, 15) << digit;
            EXPECT_LT(ink, 300) << digit;
            for (const auto pixel : image) EXPECT_TRUE(pixel >= 0 && pixel <= 1);
        }
}

TEST(Digits, AreLearntWellEnoughToReadNewOnes)
{
    Random random{1};
    const Perceptron untrained{random};
    const auto held_out = draw_samples(1'000, 77);
    EXPECT_LT(accuracy(untrained, held_out), 0.4);
    EXPECT_GT(accuracy(trained(1), held_out), 0.9);
}

TEST(Digits, GiveTheSameFileForTheSameSeed)
{
    EXPECT_EQ(to_onnx(trained(3, 300)), to_onnx(trained(3, 300)));
    EXPECT_NE(to_onnx(trained(3, 300)), to_onnx(trained(4, 300)));
}

TEST(Digits, AreReadAlikeByTheNetAndByTheEngine)
{
    const auto net = trained(1);
    const auto file = to_onnx(net);
    const auto model = inference::shared_engine().load(ledger::as_bytes(file));
    ASSERT_TRUE(model) << model.error().detail;
    EXPECT_EQ((*model)->summary().parameters, 784u * 128 + 128 + 1280 + 10);
    const auto samples = draw_samples(20, 9);
    inference::Tensor images{"image", inference::DataType::FP32, {20, 1, 28, 28}, {}};
    for (const auto& sample : samples) {
        ledger::Bytes bytes(sizeof sample.image);
        std::memcpy(bytes.data(), sample.image.data(), bytes.size());
        ledger::append(images.data, bytes);
    }
    const auto out = (*model)->run(std::vector{images});
    ASSERT_TRUE(out) << out.error().detail;
    ASSERT_EQ(out->tensors[0].name, "probabilities");
    ASSERT_EQ(out->tensors[0].shape, (std::vector<std::int64_t>{20, 10}));
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto expected = net.probabilities(samples[i].image);
        for (std::size_t k = 0; k < classes; ++k) {
            float value = 0;
            std::memcpy(&value, out->tensors[0].data.data() + (i * classes + k) * sizeof value,
                        sizeof value);
            EXPECT_NEAR(value, expected[k], 1e-4F);
        }
    }
}

TEST(Digits, AreWrittenAsPng)
{
    Random random{1};
    const auto path = std::filesystem::path{testing::TempDir()} / "millrace_digit_test.png";
    ASSERT_TRUE(write_png(draw_digit(4, random), path));
    std::ifstream file{path, std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    EXPECT_EQ(bytes.substr(1, 3), "PNG");
    EXPECT_EQ(bytes[19], 28);  // IHDR: width and height, big-endian
    EXPECT_EQ(bytes[23], 28);
    std::filesystem::remove(path);
    EXPECT_FALSE(write_png(draw_digit(4, random), "/nowhere/digit.png"));
}

}  // namespace
}  // namespace demo
