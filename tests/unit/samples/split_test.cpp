#include "samples/split.hpp"

#include "samples/open.hpp"
#include "samples/subset.hpp"
#include "tests/unit/samples/files.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace samples {
namespace {

Portion percent(const char* text)
{
    return *portion_of(text);
}

TEST(Split, PutsEachSampleIntoOnePart)
{
    const auto made = split(101, {7, percent("10%"), percent("25")});
    ASSERT_TRUE(made);
    EXPECT_EQ(made->validation.size(), 10u);
    EXPECT_EQ(made->test.size(), 25u);
    EXPECT_EQ(made->train.size(), 66u);
    std::set<std::size_t> all;
    for (const auto* part : {&made->train, &made->validation, &made->test}) {
        EXPECT_TRUE(std::ranges::is_sorted(*part));
        all.insert(part->begin(), part->end());
    }
    EXPECT_EQ(all.size(), 101u);
    EXPECT_EQ(*all.rbegin(), 100u);
}

TEST(Split, FollowsFromTheSeed)
{
    const SplitOptions options{7, percent("20%"), percent("20%")};
    EXPECT_EQ(split(50, options)->test, split(50, options)->test);
    EXPECT_NE(split(50, options)->test, split(50, {8, percent("20%"), percent("20%")})->test);
    // The same on every machine and for good: a change here would mix tests into training.
    EXPECT_EQ(split(12, {1, percent("3"), percent("4")})->test,
              (std::vector<std::size_t>{0, 3, 6, 11}));
    EXPECT_EQ(split(12, {1, percent("3"), percent("4")})->validation,
              (std::vector<std::size_t>{1, 5, 9}));
}

TEST(Split, KeepsItsTestWhateverIsForValidation)
{
    EXPECT_EQ(split(50, {7, percent("10%"), percent("20%")})->test,
              split(50, {7, percent("30%"), percent("20%")})->test);
}

TEST(Split, HasEachClassInEachPart)
{
    std::vector<std::int64_t> labels;
    for (int i = 0; i < 1'000; ++i) labels.push_back(i < 900 ? 0 : i < 990 ? 1 : 2);
    const auto made = split(1'000, {3, percent("20%"), percent("10%")}, labels);
    ASSERT_TRUE(made);
    const auto count = [&](const std::vector<std::size_t>& part, std::int64_t label) {
        return static_cast<double>(
            std::ranges::count_if(part, [&](auto at) { return labels[at] == label; }));
    };
    EXPECT_NEAR(count(made->test, 0), 90, 1);
    EXPECT_NEAR(count(made->test, 1), 9, 1);
    EXPECT_NEAR(count(made->test, 2), 1, 1);
    EXPECT_NEAR(count(made->validation, 0), 180, 1);
    EXPECT_NEAR(count(made->validation, 1), 18, 1);
    EXPECT_NEAR(count(made->validation, 2), 2, 1);
    EXPECT_EQ(made->test.size(), 100u);
    EXPECT_EQ(made->validation.size(), 200u);
}

TEST(Split, LeavesSomethingToTrainWith)
{
    EXPECT_TRUE(split(10, {0, percent("5"), percent("4")}));
    EXPECT_EQ(split(10, {0, percent("5"), percent("5")}).error().detail,
              "of 10 samples 5 for validation and 5 for a test leave none to train with");
    EXPECT_FALSE(split(10, {0, {}, percent("100%")}));
    EXPECT_FALSE(split(10, {0, percent("18446744073709551615"), percent("5")}));
    EXPECT_FALSE(split(0, {}));
}

TEST(Portions, AreCountsOrPercentages)
{
    EXPECT_EQ(percent("12.5%"), (Portion{Portion::Unit::millionths, 125'000}));
    EXPECT_EQ(percent("100%"), (Portion{Portion::Unit::millionths, 1'000'000}));
    EXPECT_EQ(percent("0.0001%"), (Portion{Portion::Unit::millionths, 1}));
    EXPECT_EQ(percent("1000"), (Portion{Portion::Unit::samples, 1'000}));
    for (const auto* text :
         {"", "%", "101%", "-1", "1.5", "1.%", ".5%", "1.00001%", "1 %", "1.2.3%"})
        EXPECT_FALSE(portion_of(text)) << text;
}

TEST(Shuffle, IsAnotherOrderForEachEpoch)
{
    const auto first = shuffled(100, 5, 0);
    EXPECT_EQ(first, shuffled(100, 5, 0));
    EXPECT_NE(first, shuffled(100, 5, 1));
    EXPECT_NE(first, shuffled(100, 6, 0));
    EXPECT_EQ(std::set(first.begin(), first.end()).size(), 100u);
    EXPECT_EQ(shuffled(8, 1, 0), (std::vector<std::size_t>{7, 0, 6, 1, 3, 5, 4, 2}));
    EXPECT_TRUE(shuffled(0, 1, 0).empty());
}

TEST(Shuffle, BringsEachSampleToEachPlaceAsOften)
{
    std::array<std::array<int, 4>, 4> seen{};
    for (std::uint64_t seed = 0; seed < 8'000; ++seed) {
        const auto order = shuffled(4, seed, 0);
        for (std::size_t place = 0; place < 4; ++place) ++seen[place][order[place]];
    }
    for (const auto& place : seen)
        for (const auto count : place) EXPECT_NEAR(count, 2'000, 200);
}

TEST(Subset, ReadsSamplesOfTheWhole)
{
    OpenOptions options;
    options.items = in_memory({{"rows.csv", bytes_of("a,label,slice\n1,0,x\n2,1,y\n3,2,z\n")}});
    const std::shared_ptr<const Source> whole =
        *open(options, model_of(inference::DataType::FP32, {-1, 1}));
    EXPECT_EQ(labels_of(*whole), (std::vector<std::int64_t>{0, 1, 2}));
    const Subset subset{whole, {2, 0}};
    EXPECT_EQ(subset.size(), 2u);
    EXPECT_EQ(subset.slice(0), "z");
    EXPECT_EQ(labels_of(subset), (std::vector<std::int64_t>{2, 0}));
    EXPECT_EQ(read_one(subset, 0)->floats(), (std::vector<float>{3}));
    EXPECT_EQ(read_one(subset, 1)->label, 0);
}

}  // namespace
}  // namespace samples
