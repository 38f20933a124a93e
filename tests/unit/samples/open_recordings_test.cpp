#include "tests/unit/samples/opening.hpp"

namespace samples {
namespace {

using inference::DataType;

const ledger::Bytes half = wav(little<std::int16_t>({16384, -16384}));

TEST(OpenRecordings, AreCutOrFollowedBySilence)
{
    const auto options = of_items({{"no/a.wav", half}, {"yes/a.wav", half}});
    const auto longer = open(options, model_of(DataType::FP32, {-1, 1, 3}));
    ASSERT_TRUE(longer) << longer.error().detail;
    EXPECT_EQ((*longer)->inputs()[0].shape, (Shape{1, 3}));
    EXPECT_EQ(read_one(**longer, 1)->floats(), (std::vector<float>{0.5F, -0.5F, 0}));
    EXPECT_EQ(read_one(**longer, 1)->label, 1);
    const auto shorter = open(options, model_of(DataType::FP32, {-1, 1}));
    EXPECT_EQ(read_one(**shorter, 0)->floats(), (std::vector<float>{0.5F}));
}

TEST(OpenRecordings, FillIntegersAndOpenSizes)
{
    const auto options = of_items({{"a.wav", half}});
    EXPECT_EQ(read_one(**open(options, model_of(DataType::INT16, {1, 2})), 0)->input,
              little<std::int16_t>({16384, -16384}));
    EXPECT_EQ((*open(options, model_of(DataType::FP32, {-1, -1})))->inputs()[0].shape, (Shape{2}));
    EXPECT_EQ((*open(options, model_of(DataType::FP32, {-1, -1, 7})))->inputs()[0].shape,
              (Shape{1, 7}));
}

TEST(OpenRecordings, ArePreparedByMeanAndDeviation)
{
    auto options = of_items({{"a.wav", half}});
    options.table.normalise.mean = {0.5};
    options.table.normalise.deviation = {2};
    EXPECT_EQ(read_one(**open(options, model_of(DataType::FP32, {-1, 2})), 0)->floats(),
              (std::vector<float>{0, -0.5F}));
}

TEST(OpenRecordings, SayWhichHasAnotherRate)
{
    const auto slow = wav(little<std::int16_t>({1, 2}), {.rate = 8'000});
    const auto io = model_of(DataType::FP32, {-1, 2});
    const auto options = of_items({{"a.wav", half}, {"b.wav", slow}});
    const auto source = open(options, io);
    ASSERT_TRUE(source) << source.error().detail;
    EXPECT_EQ(read_one(**source, 1).error().detail,
              "b.wav: it has 8000 frames a second, and 16000 are wanted; convert it first");
    auto slower = options;
    slower.rate = 8'000;
    EXPECT_TRUE(read_one(**open(slower, io), 1));
    EXPECT_FALSE(read_one(**open(slower, io), 0));
}

TEST(OpenRecordings, SayWhatDoesNotFit)
{
    const auto options = of_items({{"a.wav", half}});
    EXPECT_EQ(why(options, model_of(DataType::UINT8, {-1, 2})),
              "the input x is UINT8; recordings are FP32, FP64 or INT16");
    EXPECT_EQ(why(options, model_of(DataType::FP32, {-1, 40, 49})),
              "the input x takes [-1,40,49], and a recording is one row of frames");
    EXPECT_EQ(why(of_items({{"a.wav", bytes_of("RIFF")}}), model_of(DataType::FP32, {-1, 2})),
              "a.wav: the recording cannot be read: it does not begin as WAV");
}

}  // namespace
}  // namespace samples
