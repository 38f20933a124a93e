#include "wallet/labels/prelabel.hpp"

#include "ledger/base/draws.hpp"
#include "ledger/crypto/sha256.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

namespace wallet {
namespace {

constexpr std::size_t class_count = 2;
const ledger::Hash seed = ledger::sha256(ledger::as_bytes("seed"));
const evaluation::CertificateRules rules{0.1, 0.9};

PoolItem item(std::size_t number, double first)
{
    PoolItem made;
    made.name = "item " + std::to_string(number);
    made.hash = ledger::sha256(ledger::as_bytes(made.name));
    made.probabilities = {first, 1 - first};
    judge(made, class_count);
    return made;
}

/// Items that one teacher knows, all with another confidence.
std::vector<PoolItem> pool(std::size_t count)
{
    std::vector<PoolItem> made;
    for (std::size_t i = 0; i < count; ++i)
        made.push_back(item(
            i, i % 2 == 0 ? 0.6 + 0.3 * static_cast<double>(i) / static_cast<double>(count) : 0.3));
    return made;
}

std::vector<Label> all_as_predicted(const std::vector<PoolItem>& items,
                                    const std::vector<std::vector<std::size_t>>& sample)
{
    std::vector<Label> people(items.size());
    for (const auto& of : sample)
        for (const auto i : of) people[i].label = items[i].predicted;
    return people;
}

TEST(Prelabel, TeachersJudgeTogether)
{
    PoolItem made;
    made.probabilities = {0.9, 0.1, 0.2, 0.8, 0.0, 1.0};
    judge(made, 2);
    EXPECT_EQ(made.predicted, 1u);
    EXPECT_NEAR(made.confidence, 1.9 / 3, 1e-12);
}

TEST(Prelabel, AnInputLooksLikeTheMeansOfItsParts)
{
    std::vector<float> input(128, 1);
    input[3] = 5;
    const auto features = features_of(input);
    ASSERT_EQ(features.size(), 64u);
    EXPECT_EQ(features[0], 1);
    EXPECT_EQ(features[1], 3);
    EXPECT_EQ(features_of(std::vector<float>{1, 2}), (std::vector<float>{1, 2}));
    EXPECT_TRUE(features_of({}).empty());
    input[0] = std::numeric_limits<float>::infinity();
    EXPECT_TRUE(features_of(input).empty());
}

TEST(Prelabel, TheSampleStaysWhatItIsWhenThePoolGrows)
{
    const auto small = pool(200);
    auto large = small;
    for (std::size_t i = 200; i < 220; ++i) large.push_back(item(i, 0.95));
    const auto before = sample_of(small, class_count, 30, seed);
    const auto after = sample_of(large, class_count, 30, seed);
    ASSERT_EQ(before.size(), class_count);
    EXPECT_EQ(before[0].size(), 30u);
    EXPECT_EQ(before[1], after[1]) << "a class without new items";
    std::set<std::size_t> kept(before[0].begin(), before[0].end());
    std::size_t stay = 0;
    for (const auto i : after[0]) stay += kept.contains(i) ? 1 : 0;
    EXPECT_GE(stay, 20u);
    for (const auto i : before[0]) EXPECT_EQ(small[i].predicted, 0u);
    EXPECT_NE(sample_of(small, class_count, 30, small[0].hash), before) << "another seed";
    EXPECT_EQ(sample_of(small, class_count, 1'000, seed)[0].size(), 100u) << "all there are";
}

TEST(Prelabel, WhatIsCertifiedLabelsItselfAndTheRestIsForPeople)
{
    const auto items = pool(400);
    const auto sample = sample_of(items, class_count, 60, seed);
    const auto people = all_as_predicted(items, sample);
    const auto made = prelabel(items, people, sample, 1, rules);
    EXPECT_EQ(made.counted.size(), 120u);
    EXPECT_FALSE(made.automatic.empty());
    EXPECT_EQ(made.automatic.size() + made.queue.size() + 120, 400u);
    EXPECT_EQ(made.classes[0].said, 60u);
    EXPECT_EQ(made.classes[0].automatic + made.classes[1].automatic, made.automatic.size());
    for (const auto i : made.automatic) EXPECT_EQ(people[i].label, market::no_label);
    std::set<std::size_t> all(made.automatic.begin(), made.automatic.end());
    all.insert(made.queue.begin(), made.queue.end());
    EXPECT_EQ(all.size(), made.automatic.size() + made.queue.size());
}

TEST(Prelabel, NothingLabelsItselfBeforePeopleHaveVerified)
{
    const auto items = pool(50);
    const auto sample = sample_of(items, class_count, 60, seed);
    const auto made = prelabel(items, std::vector<Label>(50), sample, 1, rules);
    EXPECT_TRUE(made.automatic.empty());
    EXPECT_TRUE(made.queue.empty()) << "all of them are asked for already, without predictions";
    EXPECT_TRUE(made.counted.empty());
    const auto fewer = sample_of(items, class_count, 10, seed);
    EXPECT_EQ(prelabel(items, std::vector<Label>(50), fewer, 1, rules).queue.size(), 30u);
}

TEST(Prelabel, ASampleCountsWhenAllOfItIsLabelledAndNotBefore)
{
    const auto items = pool(400);
    const auto sample = sample_of(items, class_count, 60, seed);
    auto people = all_as_predicted(items, sample);
    for (std::size_t i = 0; i < items.size(); ++i)  // easy ones, added
        if (items[i].confidence > 0.85) people[i].label = items[i].predicted;
    people[sample[0][50]].label = market::no_label;  // a hard one, left out
    const auto made = prelabel(items, people, sample, 1, rules);
    EXPECT_EQ(made.counted, sample[1]);
    EXPECT_EQ(made.classes[0].said, 59u);
    EXPECT_EQ(made.certificate.of[0].verified, 0u);
    EXPECT_FALSE(made.certificate.of[0].threshold);
    EXPECT_EQ(made.classes[0].automatic, 0u);
    EXPECT_TRUE(made.certificate.of[1].threshold);
}

TEST(Prelabel, WhatPeopleHadSaidBeforeTheSampleWasDrawnShowsNothing)
{
    auto items = pool(400);
    for (std::size_t i = 0; i < 100; ++i) items[i].is_known = true;
    const auto sample = sample_of(items, class_count, 60, seed);
    for (const auto& of : sample)
        for (const auto i : of) EXPECT_GE(i, 100u);
    auto people = all_as_predicted(items, sample);
    for (std::size_t i = 0; i < 100; ++i) people[i].label = items[i].predicted;
    const auto made = prelabel(items, people, sample, 1, rules);
    EXPECT_EQ(made.counted.size(), 120u);
    std::uint64_t sure = 0;
    for (std::size_t i = 100; i < 400; ++i)
        sure += made.certificate.labels_itself(items[i].predicted, items[i].confidence) ? 1 : 0;
    EXPECT_EQ(made.certificate.of[0].labelled + made.certificate.of[1].labelled, sure);
}

TEST(Prelabel, CopiesOfOneFileAreDrawnEachByItself)
{
    std::vector<PoolItem> items;
    for (std::size_t i = 0; i < 200; ++i) items.push_back(item(i < 100 ? i : 1'000, 0.8));
    const auto sample = sample_of(items, class_count, 60, seed);
    const auto copies =
        std::count_if(sample[0].begin(), sample[0].end(), [](std::size_t i) { return i >= 100; });
    EXPECT_GT(copies, 15) << "a half of the items is a half of the sample";
    EXPECT_LT(copies, 45);
}

TEST(Prelabel, TheQueueBeginsWithWhatIsDoubtfulAndUnlikeWhatPeopleKnow)
{
    std::vector<PoolItem> items{item(0, 0.99), item(1, 0.51), item(2, 0.51), item(3, 0.51)};
    const float places[] = {9, 0, 0, 5};
    for (std::size_t i = 0; i < items.size(); ++i) items[i].features = {places[i]};
    std::vector<Label> people(4);
    const auto made = prelabel(items, people, sample_of(items, class_count, 0, seed), 1, rules);
    EXPECT_EQ(made.queue, (std::vector<std::size_t>{1, 3, 0, 2}))
        << "the twin of one that is asked comes last";
    people[1].label = 0;
    EXPECT_EQ(
        prelabel(items, people, sample_of(items, class_count, 0, seed), 1, rules).queue.front(), 3u)
        << "what is like one that people know waits";
    items[2].features = {0, 0};
    EXPECT_EQ(
        prelabel(items, std::vector<Label>(4), sample_of(items, class_count, 0, seed), 1, rules)
            .queue,
        (std::vector<std::size_t>{1, 2, 3, 0}))
        << "of inputs of several widths nothing is known";
}

}  // namespace
}  // namespace wallet
