#include "evaluation/metrics/detection.hpp"

#include <gtest/gtest.h>

namespace evaluation {
namespace {

// Boxes of four images of COCO's val2014 with some of its own fake results, and what pycocotools
// gives for them, as TorchMetrics publishes it to hold itself against.

struct Image {
    std::vector<TrueBox> boxes;
    std::vector<FoundBox> found;
};

Image image_42()
{
    return {{{{214.15, 41.29, 562.41, 285.07}, 4}}, {{{258.15, 41.29, 606.41, 285.07}, 4, .236}}};
}

Image image_73()
{
    return {{{{13.00, 22.75, 548.98, 632.42}, 2}, {{1.66, 3.32, 270.26, 275.23}, 2}},
            {{{61.00, 22.75, 565.00, 632.42}, 3, .318}, {{12.66, 3.32, 281.26, 275.23}, 2, .726}}};
}

Image image_74()
{
    return {{{{61.87, 276.25, 358.29, 379.43}, 4},
             {{2.75, 3.66, 162.15, 316.06}, 1},
             {{295.55, 93.96, 313.97, 152.79}, 0},
             {{326.94, 97.05, 340.49, 122.98}, 0},
             {{356.62, 95.47, 372.33, 147.55}, 0},
             {{462.08, 105.09, 493.74, 146.99}, 0},
             {{277.11, 103.84, 292.44, 150.72}, 0}},
            {{{87.87, 276.25, 384.29, 379.43}, 4, .546},
             {{0.00, 3.66, 142.15, 316.06}, 1, .3},
             {{296.55, 93.96, 314.97, 152.79}, 0, .407},
             {{328.94, 97.05, 342.49, 122.98}, 0, .611},
             {{356.62, 95.47, 372.33, 147.55}, 0, .335},
             {{464.08, 105.09, 495.74, 146.99}, 0, .805},
             {{276.11, 103.84, 291.44, 150.72}, 0, .953}}};
}

Image image_133()
{
    return {{{{13.99, 2.87, 640.00, 421.52}, 5}}, {{{0.00, 2.87, 601.00, 421.52}, 5, .699}}};
}

Image image_987()
{
    return {{{{72.92, 45.96, 91.23, 80.57}, 49},
             {{50.17, 45.34, 71.28, 79.83}, 49},
             {{81.28, 47.04, 98.66, 78.50}, 49},
             {{63.96, 46.17, 84.35, 80.48}, 49},
             {{75.29, 23.01, 91.85, 50.85}, 49},
             {{56.39, 21.65, 75.66, 45.54}, 49},
             {{73.14, 1.10, 98.96, 28.33}, 49},
             {{62.34, 55.23, 78.14, 79.57}, 49},
             {{44.17, 45.78, 63.99, 78.48}, 49},
             {{58.18, 44.80, 66.42, 56.25}, 49}},
            {{{72.92, 45.96, 91.23, 80.57}, 49, .532},
             {{45.17, 45.34, 66.28, 79.83}, 49, .204},
             {{82.28, 47.04, 99.66, 78.50}, 49, .782},
             {{59.96, 46.17, 80.35, 80.48}, 49, .202},
             {{75.29, 23.01, 91.85, 50.85}, 49, .883},
             {{71.14, 1.10, 96.96, 28.33}, 49, .271},
             {{61.34, 55.23, 77.14, 79.57}, 49, .561},
             {{41.17, 45.78, 60.99, 78.48}, 49, .204},
             {{56.18, 44.80, 64.42, 56.25}, 49, .349}}};
}

DetectionMatches matched(const std::vector<Image>& images)
{
    DetectionMatches matches;
    for (const auto& image : images) matches.add_image(image.boxes, image.found);
    matches.sort();
    return matches;
}

constexpr double digits = 0.0005 + 1e-9;  // they are published with three

/// In the order in which pycocotools prints them.
void expect_summary(const DetectionMatches& matches, const std::vector<double>& expected)
{
    using Range = AreaRange;
    const auto precision = [&](Range area, std::optional<std::size_t> step) {
        return matches.average_precision({area, 100, step, {}});
    };
    const auto recall = [&](Range area, std::uint32_t most) {
        return matches.average_recall({area, most, {}, {}});
    };
    const std::vector<double> found{
        precision(Range::all, {}),   precision(Range::all, 0),     precision(Range::all, 5),
        precision(Range::small, {}), precision(Range::medium, {}), precision(Range::large, {}),
        recall(Range::all, 1),       recall(Range::all, 10),       recall(Range::all, 100),
        recall(Range::small, 100),   recall(Range::medium, 100),   recall(Range::large, 100)};
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], digits) << i;
}

TEST(Coco, SummaryIsThatOfPycocotools)
{
    expect_summary(matched({image_42(), image_73(), image_74(), image_133()}),
                   {.706, .901, .846, .689, .800, .701, .592, .716, .716, .767, .800, .700});
}

TEST(Coco, ClassesAreThoseOfPycocotools)
{
    const auto matches = matched({image_42(), image_73(), image_74(), image_133()});
    const std::map<std::uint32_t, std::pair<double, double>> expected{{0, {.725, .780}},
                                                                      {1, {.800, .800}},
                                                                      {2, {.454, .450}},
                                                                      {4, {.650, .650}},
                                                                      {5, {.900, .900}}};
    EXPECT_EQ(matches.labels().size(), expected.size());  // nothing of class 3 is to be found
    for (const auto& [label, values] : expected) {
        const DetectionQuestion question{AreaRange::all, 100, {}, label};
        EXPECT_NEAR(matches.average_precision(question), values.first, digits) << label;
        EXPECT_NEAR(matches.average_recall(question), values.second, digits) << label;
    }
}

TEST(Coco, SummaryOfACrowdedImageIsThatOfPycocotools)
{
    expect_summary(matched({image_42(), image_73(), image_74(), image_987()}),
                   {.637, .859, .761, .622, .800, .635, .432, .652, .652, .673, .800, .633});
}

}  // namespace
}  // namespace evaluation
