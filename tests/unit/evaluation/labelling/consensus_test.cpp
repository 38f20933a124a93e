#include "evaluation/labelling/consensus.hpp"

#include "ledger/base/draws.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string_view>

namespace evaluation {
namespace {

/// Table 1 of Dawid and Skene 1979: what five anaesthetists said of 45 patients, the first of them
/// three times.
constexpr std::array<std::string_view, 45> patients{
    "1111111", "3334334", "1122122", "2223121", "2223222", "2223322", "1222111", "3333433",
    "2222223", "2322223", "4444444", "2223343", "1111111", "2223212", "1211111", "1112111",
    "1111111", "1111111", "2222221", "2221322", "2222222", "2222221", "2223222", "2212222",
    "1111111", "1111111", "2322222", "1111111", "1111111", "1121121", "1111111", "3333233",
    "1111111", "2222222", "2223232", "4334343", "2212232", "2323233", "3333432", "1111111",
    "1111111", "1212111", "2322222", "1211111", "2222222"};
constexpr Panel hospital{45, 5, 4};

std::vector<Vote> anaesthetists()
{
    constexpr std::array<std::uint32_t, 7> by{0, 0, 0, 1, 2, 3, 4};
    std::vector<Vote> votes;
    for (std::uint32_t patient = 0; patient < patients.size(); ++patient)
        for (std::size_t k = 0; k < by.size(); ++k)
            votes.push_back(
                {patient, by[k], static_cast<std::uint32_t>(patients[patient][k] - '1')});
    return votes;
}

double greatest_difference(const std::vector<double>& a, const std::vector<double>& b)
{
    double found = a.size() == b.size() ? 0 : 1e9;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        found = std::max(found, std::abs(a[i] - b[i]));
    return found;
}

TEST(Consensus, OfAnaesthetistsIsWhatDawidAndSkeneFound)
{
    const auto found = consensus(hospital, anaesthetists(), {0, 1000, 1e-9});
    EXPECT_TRUE(found.is_settled);
    // 0.40, 0.42, 0.11 and 0.07 in print; the further digits are of a program of its own.
    EXPECT_NEAR(found.prior[0], 0.3995547529, 1e-8);
    EXPECT_NEAR(found.prior[1], 0.4219833919, 1e-8);
    EXPECT_NEAR(found.prior[2], 0.1117951885, 1e-8);
    EXPECT_NEAR(found.prior[3], 0.0666666667, 1e-8);
    const std::vector<double> first{0.89, 0.11, 0,    0,  //
                                    0.07, 0.88, 0.05, 0,  //
                                    0,    0.34, 0.66, 0,  //
                                    0,    0,    0.56, 0.44};
    EXPECT_LE(greatest_difference(first, {found.confusions.begin(), found.confusions.begin() + 16}),
              0.005);
    // All but three patients are certain.
    for (std::size_t patient = 0; patient < patients.size(); ++patient)
        EXPECT_GT(found.best(patient).probability,
                  patient == 6 || patient == 34 || patient == 37 ? 0.94 : 0.999);
    EXPECT_NEAR(found.of_item(6)[0], 0.98102, 1e-5);
    EXPECT_NEAR(found.of_item(34)[1], 0.948, 1e-5);
    EXPECT_NEAR(found.of_item(37)[2], 0.9788, 1e-5);
}

TEST(Consensus, FewSlipsChangeLittle)
{
    const auto found = consensus(hospital, anaesthetists());
    EXPECT_TRUE(found.is_settled);
    EXPECT_LT(greatest_difference(found.posteriors,
                                  consensus(hospital, anaesthetists(), {0, 1000, 1e-9}).posteriors),
              1e-4);
}

/// 600 items of three classes; four annotators are right nine times of ten, two guess, and one
/// says the next class. Each votes on two items of three.
constexpr Panel crowd{600, 7, 3};
std::vector<std::uint32_t> crowd_truth()
{
    ledger::Draws random{7};
    std::vector<std::uint32_t> truth(crowd.items);
    for (auto& label : truth)
        label = random.below(10) < 6 ? 0U : static_cast<std::uint32_t>(1 + random.below(2));
    return truth;
}

std::vector<Vote> crowd_votes(const std::vector<std::uint32_t>& truth)
{
    ledger::Draws random{8};
    std::vector<Vote> votes;
    for (std::uint32_t item = 0; item < crowd.items; ++item)
        for (std::uint32_t annotator = 0; annotator < crowd.annotators; ++annotator) {
            const auto guess = static_cast<std::uint32_t>(random.below(3));
            const auto slipped = random.below(10) == 0;
            if (random.below(3) == 0) continue;
            const auto meant = annotator < 4   ? truth[item]
                               : annotator < 6 ? guess
                                               : (truth[item] + 1) % 3;
            votes.push_back({item, annotator, slipped ? guess : meant});
        }
    return votes;
}

TEST(Consensus, TellsTheGoodFromTheGuessingAndTheLying)
{
    const auto truth = crowd_truth();
    const auto votes = crowd_votes(truth);
    const auto found = consensus(crowd, votes), counted = consensus(crowd, votes, {0, 0, 0});
    std::size_t right = 0, right_by_majority = 0;
    for (std::size_t item = 0; item < crowd.items; ++item) {
        right += found.best(item).label == truth[item];
        right_by_majority += counted.best(item).label == truth[item];
    }
    EXPECT_GT(right, crowd.items * 97 / 100);
    EXPECT_LT(right_by_majority, crowd.items * 94 / 100);
    for (std::size_t good = 0; good < 4; ++good) {
        EXPECT_GT(found.annotators[good].weight, 0.8);
        for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(found.confusion(good, c, c), 0.933, 0.1);
    }
    for (std::size_t guessing = 4; guessing < 6; ++guessing)
        EXPECT_LT(found.annotators[guessing].weight, 0.1);
    EXPECT_EQ(found.annotators[6].weight, 0);
    EXPECT_LT(found.annotators[6].accuracy, 0.1);
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(found.confusion(6, c, (c + 1) % 3), 0.933, 0.1);
}

TEST(Consensus, SharesSumToOne)
{
    const auto found = consensus(crowd, crowd_votes(crowd_truth()));
    for (const auto* shares : {&found.prior, &found.posteriors, &found.confusions})
        for (auto row = shares->begin(); row != shares->end(); row += 3)
            ASSERT_NEAR(std::accumulate(row, row + 3, 0.0), 1, 1e-12);
}

TEST(Consensus, OrderOfVotesDoesNotMatter)
{
    auto votes = anaesthetists();
    const auto one = consensus(hospital, votes);
    std::reverse(votes.begin(), votes.end());
    std::rotate(votes.begin(), votes.begin() + 100, votes.end());
    const auto other = consensus(hospital, votes);
    EXPECT_EQ(one.posteriors, other.posteriors);
    EXPECT_EQ(one.confusions, other.confusions);
    EXPECT_EQ(one.prior, other.prior);
}

TEST(Consensus, NumbersOfItemsAnnotatorsAndClassesDoNotMatter)
{
    auto votes = anaesthetists();
    const auto one = consensus(hospital, votes);
    for (auto& vote : votes) vote = {44 - vote.item, (vote.annotator + 2) % 5, 3 - vote.label};
    const auto other = consensus(hospital, votes);
    for (std::size_t item = 0; item < 45; ++item)
        for (std::size_t c = 0; c < 4; ++c)
            EXPECT_NEAR(one.of_item(item)[c], other.of_item(44 - item)[3 - c], 1e-9);
    for (std::size_t annotator = 0; annotator < 5; ++annotator)
        EXPECT_NEAR(one.annotators[annotator].accuracy,
                    other.annotators[(annotator + 2) % 5].accuracy, 1e-9);
}

TEST(Consensus, ASingleAnnotatorIsBelieved)
{
    std::vector<Vote> votes;
    for (std::uint32_t item = 0; item < 10'000; ++item) votes.push_back({item, 0, item % 2});
    votes[77].label = 2;
    const auto found = consensus({10'000, 1, 4}, votes);
    for (const auto& vote : votes) {
        ASSERT_EQ(found.best(vote.item).label, vote.label);
        ASSERT_GT(found.best(vote.item).probability, 0.99);
    }
    EXPECT_GT(found.annotators[0].weight, 0.999);
}

TEST(Consensus, SlipsExplainAPartOfTheErrors)
{
    // Three are always right; the fourth errs once in ten, which slips alone do once in twenty.
    std::vector<Vote> votes;
    for (std::uint32_t item = 0; item < 200; ++item)
        for (std::uint32_t annotator = 0; annotator < 4; ++annotator)
            votes.push_back({item, annotator, (item + (annotator == 3 && item % 20 < 2)) % 2});
    const auto found = consensus({200, 4, 2}, votes, {0.1, 100, 0});
    for (std::size_t c = 0; c < 2; ++c) {
        EXPECT_NEAR(found.confusion(0, c, c), 0.95, 0.001);
        EXPECT_NEAR(found.confusion(3, c, c), 0.9, 0.001);
    }
}

TEST(Consensus, WhatTwoDisputeStaysOpen)
{
    std::vector<Vote> votes;
    for (std::uint32_t item = 0; item < 20; ++item)
        for (std::uint32_t annotator = 0; annotator < 2; ++annotator)
            votes.push_back({item, annotator, item % 2});
    for (std::uint32_t annotator = 0; annotator < 2; ++annotator) {
        votes.push_back({20, annotator, annotator});
        votes.push_back({21, annotator, 1 - annotator});
    }
    const auto found = consensus({22, 2, 2}, votes);
    for (std::size_t item = 20; item < 22; ++item) EXPECT_NEAR(found.of_item(item)[0], 0.5, 1e-6);
    EXPECT_EQ(found.best(0).label, 0U);
    EXPECT_EQ(found.best(1).label, 1U);
}

TEST(Consensus, ItemsWithoutVotesHaveThePriorAndNoPartInIt)
{
    auto panel = hospital;
    panel.items += 100;
    const auto few = consensus(hospital, anaesthetists()), many = consensus(panel, anaesthetists());
    EXPECT_EQ(few.prior, many.prior);
    EXPECT_EQ(few.confusions, many.confusions);
    for (std::size_t c = 0; c < 4; ++c) EXPECT_EQ(many.of_item(45)[c], many.prior[c]);
}

TEST(Consensus, WithoutVotesNothingIsKnown)
{
    const auto found = consensus({2, 1, 4}, {});
    EXPECT_EQ(found.prior, std::vector<double>(4, 0.25));
    EXPECT_EQ(found.posteriors, std::vector<double>(8, 0.25));
    EXPECT_LT(greatest_difference(found.confusions, std::vector<double>(16, 0.25)), 1e-15);
    EXPECT_EQ(found.annotators[0].votes, 0U);
    EXPECT_EQ(found.annotators[0].accuracy, 0);
    EXPECT_EQ(found.annotators[0].weight, 0);
    EXPECT_EQ(found.best(0).label, 0U);
    EXPECT_TRUE(found.is_settled);
}

TEST(Consensus, ASingleClassIsCertain)
{
    const auto found = consensus({2, 1, 1}, std::vector<Vote>{{0, 0, 0}});
    EXPECT_EQ(found.best(0).probability, 1);
    EXPECT_EQ(found.best(1).probability, 1);
    EXPECT_EQ(found.annotators[0].weight, 1);
    EXPECT_TRUE(consensus({}, {}).posteriors.empty());
}

TEST(Consensus, ManyVotesOnOneItemDoNotRunOutOfDigits)
{
    // First 4000 for one class, then 6000 for the other, of annotators who may slip.
    std::vector<Vote> votes;
    for (std::uint32_t annotator = 0; annotator < 10'000; ++annotator) {
        votes.push_back({0, annotator, annotator < 4000 ? 0U : 1U});
        votes.push_back({1, annotator, 0});
        votes.push_back({2, annotator, 1});
    }
    for (const auto slips : {0.0, 1e-6, 0.1}) {
        const auto found = consensus({3, 10'000, 2}, votes, {slips, 100, 1e-6});
        EXPECT_EQ(found.best(0).label, 1U);
        EXPECT_NEAR(found.of_item(0)[0] + found.of_item(0)[1], 1, 1e-12);
        EXPECT_EQ(found.best(1).label, 0U);
        EXPECT_EQ(found.best(2).label, 1U);
    }
}

TEST(Consensus, WithoutIterationsItIsTheShareOfVotes)
{
    const auto found = consensus(hospital, anaesthetists(), {0, 0, 1e-6});
    EXPECT_FALSE(found.is_settled);
    EXPECT_NEAR(found.of_item(3)[0], 2.0 / 7, 1e-15);
    EXPECT_NEAR(found.of_item(3)[1], 4.0 / 7, 1e-15);
}

TEST(Consensus, FitsWhatTakesBoundedMemory)
{
    EXPECT_TRUE(fits(Panel{1'000'000, 100, 10}, 5'000'000));
    EXPECT_FALSE(fits(Panel{1'000'000, 100, 100}, 5'000'000));
    EXPECT_FALSE(fits(Panel{10, 10, 4096}, 10));
    EXPECT_FALSE(fits(Panel{0, 0, SIZE_MAX}, 0));
    EXPECT_FALSE(fits(Panel{SIZE_MAX, 1, 2}, 0));
    EXPECT_FALSE(fits(Panel{1, SIZE_MAX, 2}, 0));
    EXPECT_TRUE(fits(Panel{}, 0));
}

}  // namespace
}  // namespace evaluation
