#include "training/checkpoint/worker_counts.hpp"

#include <gtest/gtest.h>

namespace training {
namespace {

TEST(WorkerCountsTest, SayWhoTookWhichStep)
{
    WorkerCounts counts{3};
    counts.change(40, 2);
    counts.change(70, 2);
    counts.change(90, 1);
    EXPECT_EQ(counts.text(), "3,2@40,1@90");
    EXPECT_EQ(counts.after(0), 3);
    EXPECT_EQ(counts.after(39), 3);
    EXPECT_EQ(counts.after(40), 2);
    EXPECT_EQ(counts.after(1'000), 1);
    // What was to come after a step that is taken again is forgotten.
    counts.change(80, 2);
    EXPECT_EQ(counts.text(), "3,2@40");
    counts.change(40, 3);
    EXPECT_EQ(counts.text(), "3");
    counts.change(0, 1);
    EXPECT_TRUE(counts.is_one());
}

TEST(WorkerCountsTest, ReadWhatTheyWriteAndNothingElse)
{
    for (const auto* text : {"1", "64", "3,2@40", "1,64@1,1@18446744073709551615"}) {
        const auto read = WorkerCounts::read(text);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(read->text(), text);
    }
    for (const auto* text :
         {"", "0", "65", "-1", "+1", "03", "3@0", "3,2", "3,2@0", "3,3@5", "3,2@5,1@5", "3,2@5,1@4",
          "3,", ",3", "3,2@", "3,2@x", "3 ", "3,2@18446744073709551616", "x"})
        EXPECT_FALSE(WorkerCounts::read(text)) << text;
    EXPECT_EQ(WorkerCounts::read("65").error().detail,
              "'65' is no number of workers from 1 to 64, nor several with the steps after which "
              "they change, as 3,2@40");
}

TEST(WorkerCountsTest, SayWhetherAPartHadOneNumber)
{
    WorkerCounts counts{3};
    EXPECT_TRUE(counts.is_alike_from(0));
    counts.change(40, 2);
    EXPECT_TRUE(counts.is_alike_from(40));
    EXPECT_TRUE(counts.is_alike_from(48));
    EXPECT_FALSE(counts.is_alike_from(39));
    counts.change(44, 3);
    EXPECT_FALSE(counts.is_alike_from(40)) << "not only the first and the last count";
}

}  // namespace
}  // namespace training
