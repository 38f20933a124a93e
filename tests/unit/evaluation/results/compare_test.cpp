#include "evaluation/results/compare.hpp"

#include <gtest/gtest.h>

namespace evaluation {
namespace {

/// `both` right by both, then by A alone, by B alone, by neither; class 0 is right.
struct Pair {
    Answers a, b;
};
Answers answered(const std::vector<bool>& right)
{
    Answers answers;
    answers.samples = right.size();
    answers.classes = {"0", "1"};
    for (const auto is_right : right) {
        ClassAnswer answer;
        answer.predicted = is_right ? 0 : 1;
        answers.classified.push_back(answer);
    }
    return answers;
}
Pair pair_of(const PairedCounts& counts)
{
    std::vector<bool> a, b;
    const auto add = [&](std::uint64_t n, bool by_a, bool by_b) {
        a.insert(a.end(), n, by_a);
        b.insert(b.end(), n, by_b);
    };
    add(counts.both, true, true);
    add(counts.only_a, true, false);
    add(counts.only_b, false, true);
    add(counts.neither, false, false);
    return {answered(a), answered(b)};
}

Comparison compared(const Answers& a, const Answers& b, const CompareOptions& options = {})
{
    auto made = compare(a, b, options);
    EXPECT_TRUE(made) << made.error().detail;
    return made ? std::move(*made) : Comparison{};
}

TEST(Compare, ClassesGoByMcNemar)
{
    const auto pair = pair_of({70, 5, 15, 10});
    const auto found = compared(pair.a, pair.b);
    EXPECT_EQ(found.counts->only_b, 15U);
    ASSERT_EQ(found.results.size(), 1U);
    const auto& accuracy = found.results[0];
    EXPECT_EQ(accuracy.name, "accuracy");
    EXPECT_DOUBLE_EQ(accuracy.a, 0.75);
    EXPECT_DOUBLE_EQ(accuracy.b, 0.85);
    EXPECT_NEAR(accuracy.p, 0.04138946533203125, 1e-14);
    EXPECT_NEAR(*accuracy.mid_p, 0.02660369873046875, 1e-14);
    EXPECT_EQ(found.verdict(), Verdict::better);
    EXPECT_EQ(accuracy.non_inferiority, NonInferiority::shown);
}

TEST(Compare, TheOtherWayRoundItIsWorse)
{
    const auto pair = pair_of({70, 5, 15, 10});
    EXPECT_EQ(compared(pair.b, pair.a).verdict(), Verdict::worse);
}

TEST(Compare, TwoModelsThatDifferOnAFewSamplesOfFewSayNothing)
{
    const auto few = pair_of({50, 0, 5, 0});
    EXPECT_EQ(compared(few.a, few.b).verdict(), Verdict::not_enough_data);
    const auto many = pair_of({5000, 1, 2, 0});
    EXPECT_EQ(compared(many.a, many.b).verdict(), Verdict::no_difference_shown);
    EXPECT_EQ(compared(many.a, many.b).results[0].non_inferiority, NonInferiority::shown);
}

TEST(Compare, GroupsAreJudgedAlone)
{
    // In one group B is much better, in the other much worse.
    auto pair = pair_of({0, 40, 40, 0});
    for (auto* answers : {&pair.a, &pair.b}) {
        answers->slices.assign(80, 0);
        std::fill(answers->slices.begin() + 40, answers->slices.end(), 1U);
        answers->slice_names = {"day", "night"};
    }
    CompareOptions options;
    options.by_slice = true;
    const auto found = compared(pair.a, pair.b, options);
    EXPECT_EQ(found.verdict(), Verdict::no_difference_shown);
    ASSERT_EQ(found.slices.size(), 2U);
    EXPECT_EQ(found.slices[0].results[0].verdict, Verdict::worse);
    EXPECT_EQ(found.slices[0].results[0].non_inferiority, NonInferiority::refuted);
    EXPECT_EQ(found.slices[1].results[0].verdict, Verdict::better);
}

Answers erring(const std::vector<double>& errors)
{
    Answers answers;
    answers.plan.task = Task::regression;
    answers.samples = errors.size();
    answers.width = 1;
    for (const auto error : errors) {
        answers.numbers.push_back({error, error * error});
        answers.targets.push_back(1);
        answers.kept.push_back(answers.kept.size());
    }
    return answers;
}

TEST(Compare, ErrorsGoByPairs)
{
    std::vector<double> a, b;
    for (int i = 0; i < 40; ++i) {
        a.push_back(1 + 0.01 * i);
        b.push_back(0.9 + 0.01 * i + (i % 2 == 0 ? 0.01 : -0.01));
    }
    const auto found = compared(erring(a), erring(b));
    EXPECT_EQ(found.results[0].name, "mae");
    EXPECT_EQ(found.results[0].test, "paired_t");
    EXPECT_NEAR(found.results[0].gain.value, 0.1, 1e-12);  // B errs less
    EXPECT_EQ(found.verdict(), Verdict::better);
    EXPECT_NEAR(found.results[0].margin, 0.01 * found.results[0].a, 1e-15);
    EXPECT_EQ(found.results[1].name, "mse");
}

Answers finding(double share)
{
    Answers answers;
    answers.plan.task = Task::detection;
    answers.samples = 60;
    const std::vector<TrueBox> box{{{0, 0, 50, 50}, 1}};
    for (int i = 0; i < 60; ++i)
        answers.matches.add_image(
            box, std::vector<FoundBox>(i < 60 * share ? 1 : 0, {{0, 0, 50, 50}, 1, 0.5}));
    answers.matches.sort();
    return answers;
}

TEST(Compare, BoxesGoByResamplesOfImages)
{
    const auto found = compared(finding(0.5), finding(0.9));
    EXPECT_EQ(found.results[0].name, "map");
    EXPECT_EQ(found.results[0].test, "paired_bootstrap");
    EXPECT_EQ(found.verdict(), Verdict::better);
    EXPECT_EQ(compared(finding(0.5), finding(0.5)).verdict(), Verdict::no_difference_shown);
}

TEST(Compare, SilhouettesGoByPairs)
{
    Answers a;
    a.plan.task = Task::clustering;
    a.samples = 40;
    for (std::size_t i = 0; i < 40; ++i) {
        a.kept.push_back(i);
        a.silhouettes.push_back(0.3 + 0.005 * static_cast<double>(i));
    }
    auto b = a;
    for (auto& value : b.silhouettes) value = 0.9 * value;
    EXPECT_EQ(compared(a, b).verdict(), Verdict::worse);
    b.kept.back() = 77;
    EXPECT_FALSE(compare(a, b, {}));
}

TEST(Compare, OtherSamplesAreNotCompared)
{
    auto pair = pair_of({70, 5, 15, 10});
    pair.b.classified[3].label = 1;
    EXPECT_EQ(compare(pair.a, pair.b, {}).error().detail,
              "the two models were measured on different samples");
    EXPECT_FALSE(compare(pair.a, answered({true}), {}));
    EXPECT_FALSE(compare(pair.a, erring({1}), {}));
}

}  // namespace
}  // namespace evaluation
