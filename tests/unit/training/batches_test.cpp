#include "tests/unit/training/point_source.hpp"
#include "training/batches/augment.hpp"
#include "training/batches/order.hpp"
#include "training/batches/prefetch.hpp"
#include "training/batches/samples_digest.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace training {
namespace {

TEST(OrderTest, TakesEachSampleOnceAnEpochAndEveryEpochInAnother)
{
    Order order{10, 4, 7, false};
    EXPECT_EQ(order.steps_per_epoch(), 3);
    std::vector<std::uint64_t> first;
    std::vector<std::uint64_t> second;
    for (std::uint64_t step = 0; step < 6; ++step)
        for (const auto sample : order.samples_of(step))
            (step < 3 ? first : second).push_back(sample);
    EXPECT_EQ(first.size(), 10);
    EXPECT_EQ(std::set(first.begin(), first.end()).size(), 10);
    EXPECT_EQ(std::set(second.begin(), second.end()).size(), 10);
    EXPECT_NE(first, second);
    Order again{10, 4, 7, false};
    EXPECT_EQ(again.samples_of(4), order.samples_of(4)) << "from anywhere, the same";
    EXPECT_NE((Order{10, 4, 8, false}.samples_of(0)), again.samples_of(0));
}

TEST(OrderTest, DropsWhatIsLeftWhereBatchesMustBeWhole)
{
    Order order{10, 4, 7, true};
    EXPECT_EQ(order.steps_per_epoch(), 2);
    EXPECT_EQ(order.samples_of(1).size(), 4);
    EXPECT_EQ(order.samples_of(3).size(), 4);
}

bool always()
{
    return true;
}

TEST(SamplesDigestTest, IsThatOfAllThatIsLearnt)
{
    const PointSource::Rows rows{{1, 2}, {3, 4}, {5, 6}};
    const auto digest = [](const PointSource& source) { return *samples_digest(source, always); };
    const auto first = digest({rows, {0, 1, 0}, 2});
    EXPECT_EQ(digest({rows, {0, 1, 0}, 2}), first);
    EXPECT_NE(digest({{{1, 2}, {3, 4}, {5, 7}}, {0, 1, 0}, 2}), first) << "another number";
    EXPECT_NE(digest({{{3, 4}, {1, 2}, {5, 6}}, {1, 0, 0}, 2}), first) << "another order";
    EXPECT_NE(digest({rows, {0, 1, 1}, 2}), first) << "another label";
    EXPECT_NE(digest({rows, {0, 1, 0}, 3}), first) << "a class more";
    EXPECT_NE(digest({{{1, 2}, {3, 4}}, {0, 1}, 2}), first) << "one less";
    EXPECT_NE(digest({rows, PointSource::Rows{{0}, {1}, {0}}}), first) << "numbers, not classes";
    EXPECT_NE(digest({rows, PointSource::Rows{{0}, {1}, {0}}}),
              digest({rows, PointSource::Rows{{0}, {1}, {2}}}));
    PointSource upright{rows, {0, 1, 0}, 2};
    upright.set_shape({2, 1});
    EXPECT_NE(digest(upright), first) << "another shape";
}

TEST(SamplesDigestTest, SaysWhichSampleCannotBeReadAndEndsWhenAsked)
{
    PointSource source{{{1, 2}, {3, 4}}, {0, 1}, 2};
    const auto stopped = samples_digest(source, [] { return false; });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, ledger::ErrorKind::unavailable);
    source.spoil(1);
    EXPECT_EQ(samples_digest(source, always).error().detail, "row 1 is bad");
}

TEST(PrefetchTest, GivesWhatReadingOneByOneGives)
{
    const auto source = clouds(50, 3, 2);
    Order order{50, 8, 1, false};
    Prefetch prefetch{source, order, {}, 2, 10};
    for (std::uint64_t step = 2; step < 10; ++step) {
        const auto batch = prefetch.next();
        ASSERT_TRUE(batch) << batch.error().detail;
        ASSERT_EQ(batch->size(), 1);
        const auto direct = read_batch(source, order.samples_of(step));
        EXPECT_TRUE(at::equal(batch->front().inputs[0], direct->inputs[0])) << step;
        EXPECT_TRUE(at::equal(batch->front().labels, direct->labels)) << step;
    }
    EXPECT_EQ(prefetch.next().error().detail, "there is no further batch");
}

TEST(PrefetchTest, CutsABatchIntoShardsThatAreItsSamplesInOrder)
{
    const auto source = clouds(21, 3, 2);
    const Order order{21, 8, 1, false};
    Prefetch::Options options;
    options.augment.noise = 1;
    options.augment.gain = 0.5;
    Prefetch whole{source, order, options, 0, 3};
    options.shards = 6;
    Prefetch cut{source, order, options, 0, 3};
    options.only = 4;
    Prefetch one{source, order, options, 0, 3};
    for (int step = 0; step < 3; ++step) {
        const auto all = std::move(*whole.next());
        const auto shards = std::move(*cut.next());
        ASSERT_EQ(shards.size(), 6);
        std::vector<at::Tensor> inputs;
        std::int64_t first = 0;
        for (const auto& shard : shards) {
            EXPECT_EQ(shard.first, first);
            first += shard.size;
            if (shard.size != 0) inputs.push_back(shard.inputs[0]);
        }
        EXPECT_EQ(first, all.front().size);
        // What is drawn for a sample does not depend on the shard that it is in.
        EXPECT_TRUE(at::equal(at::cat(inputs), all.front().inputs[0])) << step;
        const auto mine = std::move(*one.next());
        ASSERT_EQ(mine.size(), 1);
        EXPECT_EQ(mine[0].first, shards[4].first);
        EXPECT_TRUE(at::equal(mine[0].inputs[0], shards[4].inputs[0]));
        EXPECT_TRUE(at::equal(mine[0].labels, shards[4].labels));
    }
    // 5 samples for 6: the first shard has none.
    EXPECT_EQ(whole.next().error().detail, "there is no further batch");
}

TEST(PrefetchTest, SaysWhichSampleCannotBeReadAndEndsWhenAsked)
{
    auto source = clouds(50, 3, 2);
    source.spoil(17);
    Prefetch prefetch{source, {50, 50, 1, false}, {}, 0, 1000};
    for (int i = 0; i < 2; ++i) {
        const auto batch = prefetch.next();
        ASSERT_FALSE(batch);
        EXPECT_EQ(batch.error().detail, "row 17 is bad");
    }
    // With nobody taking its batches, the thread of this one waits; it still ends.
    const auto good = clouds(50, 3, 2);
    const Prefetch unread{good, {50, 5, 1, false}, {}, 0, 1000};
}

TEST(BatchTest, CountsClasses)
{
    const auto source = clouds(40, 3, 4);
    const auto counts = count_classes(source);
    ASSERT_TRUE(counts);
    ASSERT_EQ(counts->size(), 4);
    EXPECT_EQ((*counts)[0] + (*counts)[1] + (*counts)[2] + (*counts)[3], 40);
    const PointSource wrong{{{1}}, {5}, 2};
    EXPECT_FALSE(count_classes(wrong));
}

at::Tensor picture()
{
    return at::arange(1 * 1 * 8 * 8, at::kFloat).reshape({1, 1, 8, 8});
}

at::Tensor changed(const at::Tensor& input, AugmentOptions options, std::uint64_t seed = 1)
{
    const std::vector<std::uint64_t> seeds(static_cast<std::size_t>(input.size(0)), seed);
    return augmented(input, options, seeds);
}

TEST(AugmentTest, DoesNothingUnlessAsked)
{
    EXPECT_FALSE(augments({}));
    EXPECT_TRUE(at::equal(changed(picture(), {}), picture()));
    EXPECT_TRUE(at::equal(changed(picture().to(at::kByte), {.gain = 0.5}), picture().to(at::kByte)))
        << "numbers that are no floats stay";
}

TEST(AugmentTest, MirrorsHalfOfThePictures)
{
    int mirrored = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const auto now = changed(picture(), {.mirror = true}, seed);
        const bool flipped = at::allclose(now, picture().flip({3}), 1e-4, 1e-4);
        EXPECT_TRUE(flipped || at::allclose(now, picture(), 1e-4, 1e-4));
        mirrored += flipped ? 1 : 0;
    }
    EXPECT_GT(mirrored, 30);
    EXPECT_LT(mirrored, 70);
}

TEST(AugmentTest, FollowsFromTheSeedOfEachSample)
{
    const AugmentOptions all{0.2, 20, 0.2, true, 0.2, 0.1, 0.1, 0.2};
    const auto two = at::cat({picture(), picture()});
    const auto first = augmented(two, all, std::vector<std::uint64_t>{3, 4});
    EXPECT_TRUE(at::equal(first, augmented(two, all, std::vector<std::uint64_t>{3, 4})));
    EXPECT_TRUE(at::equal(first[1], changed(picture(), all, 4)[0]))
        << "whatever stands beside it in a batch";
    EXPECT_FALSE(at::allclose(first[0], first[1]));
}

TEST(AugmentTest, MovesNoFartherThanAsked)
{
    const auto flat = at::full({1, 3, 16, 16}, 0.5, at::kFloat);
    EXPECT_TRUE(at::allclose(changed(flat, {.shift = 0.3, .rotate = 90, .zoom = 0.5}), flat))
        << "what comes in from outside is the border";
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const auto gain = changed(flat, {.gain = 0.1}, seed);
        EXPECT_LE((gain - flat).abs().max().item<double>(), 0.0500001);
        const auto offset = changed(flat, {.offset = 0.25}, seed);
        EXPECT_LE((offset - flat).abs().max().item<double>(), 0.2500001);
        // A column of ones moves by two columns at most.
        auto line = at::zeros({1, 1, 10, 10});
        line.select(3, 5).fill_(1);
        const auto moved = changed(line, {.shift = 0.2}, seed);
        EXPECT_NEAR(moved.narrow(3, 3, 5).sum().item<double>(), 10, 1e-3) << seed;
    }
}

TEST(AugmentTest, ErasesTheShareOfTheArea)
{
    const auto plain = picture();
    const auto erased = changed(plain, {.erase = 0.25});
    const auto mean = plain.mean().item<double>();
    EXPECT_EQ(at::eq(erased, mean).sum().item<std::int64_t>(), 16);
    const auto signal = at::arange(100, at::kFloat).reshape({1, 1, 100});
    const auto silenced = changed(signal, {.erase = 0.1});
    EXPECT_EQ(at::eq(silenced, 49.5).sum().item<std::int64_t>(), 10);
}

TEST(AugmentTest, TakesChannelsFirstAndLastAndSignalsAndRows)
{
    const AugmentOptions all{0.2, 20, 0.2, true, 0.2, 0.1, 0.1, 0.2};
    for (const auto& sizes : std::vector<std::vector<std::int64_t>>{
             {2, 3, 9, 7}, {2, 9, 7, 3}, {2, 5, 40}, {2, 12}, {2, 5, 6, 7, 8}})
        EXPECT_EQ(changed(at::rand(sizes), all).sizes(), at::IntArrayRef{sizes});
    const auto first = at::rand({1, 3, 9, 7});
    const auto last = first.permute({0, 2, 3, 1}).contiguous();
    EXPECT_TRUE(at::allclose(changed(last, {.shift = 0.2, .rotate = 30}),
                             changed(first, {.shift = 0.2, .rotate = 30}).permute({0, 2, 3, 1})));
}

}  // namespace
}  // namespace training
