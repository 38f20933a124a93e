#include "inference/architectures/kmeans.hpp"

#include "tests/support/shared_engine.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace inference {
namespace {

template <class Value>
std::vector<Value> values_of(const Tensor& tensor)
{
    std::vector<Value> values(tensor.data.size() / sizeof(Value));
    std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
    return values;
}

std::vector<Tensor> outputs_of(const KMeansModel& clusters, std::vector<std::int64_t> shape,
                               const std::vector<float>& samples)
{
    const auto file = write_kmeans(clusters);
    EXPECT_TRUE(file) << (file ? "" : file.error().detail);
    if (!file) return {};
    const auto model = shared_engine().load(*file);
    EXPECT_TRUE(model) << (model ? "" : model.error().detail);
    if (!model) return {};
    Tensor input{"input", DataType::FP32, std::move(shape), Bytes(samples.size() * 4)};
    std::memcpy(input.data.data(), samples.data(), input.data.size());
    auto ran = (*model)->run({&input, 1});
    EXPECT_TRUE(ran) << (ran ? "" : ran.error().detail);
    return ran ? std::move(ran->tensors) : std::vector<Tensor>{};
}

TEST(KMeansModel, NamesTheNearestCentroidAndHowFarAllAre)
{
    const auto outputs =
        outputs_of({{2}, {0, 0, 3, 4, 0, 10}, {}, "input"}, {3, 2}, {0, 0, 3, 5, 0, 9});
    ASSERT_EQ(outputs.size(), 3u);
    EXPECT_EQ(values_of<std::int64_t>(outputs[0]), (std::vector<std::int64_t>{0, 1, 2}));
    const auto nearest = values_of<float>(outputs[1]);
    EXPECT_NEAR(nearest[0], 0, 1e-2);
    EXPECT_NEAR(nearest[1], 1, 1e-4);
    EXPECT_NEAR(nearest[2], 1, 1e-4);
    const auto distances = values_of<float>(outputs[2]);
    ASSERT_EQ(outputs[2].shape, (std::vector<std::int64_t>{3, 3}));
    EXPECT_NEAR(distances[1], 5, 1e-4);
    EXPECT_NEAR(distances[2], 10, 1e-4);
}

TEST(KMeansModel, DoesNotLoseNearnessFarFromZero)
{
    // Around 30,000 a square has no place for a distance of 1 in FP32.
    const auto outputs = outputs_of({{1}, {30'000, 30'004}, {}, "input"}, {2, 1}, {30'001, 30'003});
    ASSERT_EQ(outputs.size(), 3u);
    EXPECT_EQ(values_of<std::int64_t>(outputs[0]), (std::vector<std::int64_t>{0, 1}));
    for (const auto distance : values_of<float>(outputs[1])) EXPECT_NEAR(distance, 1, 1e-3);
}

TEST(KMeansModel, SaysWhatIsUnlikeAllThatWasSeen)
{
    const auto outputs =
        outputs_of({{1, 2}, {0, 0, 10, 0}, 2.0F, "input"}, {3, 1, 2}, {1, 0, 5, 0, 11, 1});
    ASSERT_EQ(outputs.size(), 4u);
    EXPECT_EQ(outputs[3].name, "anomaly");
    EXPECT_EQ(outputs[3].data, (Bytes{0, 1, 0}));
}

TEST(KMeansModel, IsRefusedWhereCentroidsDoNotFit)
{
    EXPECT_EQ(write_kmeans({{2}, {1, 2, 3}, {}, "input"}).error().detail,
              "3 numbers are no centroids of samples of [2]");
    EXPECT_FALSE(write_kmeans({{2}, {}, {}, "input"}));
    EXPECT_FALSE(write_kmeans({{}, {1}, {}, "input"}));
    EXPECT_FALSE(write_kmeans({{0}, {1}, {}, "input"}));
    EXPECT_FALSE(write_kmeans({{1}, {std::nanf("")}, {}, "input"}));
    EXPECT_FALSE(write_kmeans({{1}, {1}, std::numeric_limits<float>::infinity(), "input"}));
    EXPECT_FALSE(write_kmeans({{1}, {1}, {}, "distances"}));
}

}  // namespace
}  // namespace inference
