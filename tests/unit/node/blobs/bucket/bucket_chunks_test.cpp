#include "node/blobs/bucket/bucket_chunks.hpp"

#include "ledger/base/hex.hpp"
#include "node/blobs/store/disk_batches.hpp"
#include "tests/support/fake_bucket.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/sealed_batch.hpp"
#include "tests/support/sim_disk.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace node {
namespace {

using namespace ledger;
using namespace std::chrono_literals;

constexpr auto chunk_bytes = sealing::sealed_chunk_bytes;

struct BucketChunksTest : testing::Test {
    void SetUp() override
    {
        store = open();
        begin();
        objects->take_calls();
    }
    std::unique_ptr<DiskBatches> open()
    {
        auto opened = DiskBatches::open(
            disk, "batches", clock, limits,
            [this](const std::string& what) { damage.push_back(what); },
            std::make_unique<BucketChunks>(bucket, disk));
        EXPECT_TRUE(opened) << opened.error().detail;
        return std::move(*opened);
    }
    void put(const ChunkRange& range)
    {
        const auto done = store->put_chunks(batch.root(), range.first, batch.chunk_part(range));
        ASSERT_TRUE(done) << done.error().detail;
        ASSERT_EQ(*done, range.count);
        ASSERT_TRUE(store->sync(batch.root()));
    }
    /// Of the batch's n-th object in the first layout.
    std::string old_key(int number) const
    {
        return "of/tests/" + to_hex(batch.root().view()) + "/0000000" + std::to_string(number);
    }
    /// Of the only generation of the n-th object that is there.
    std::string key(int number) const
    {
        std::vector<std::string> found;
        for (const auto& [key, bytes] : objects->objects())
            if (key.starts_with(old_key(number) + "-")) found.push_back(key);
        EXPECT_EQ(found.size(), 1u) << old_key(number);
        return found.empty() ? std::string{} : found.front();
    }
    /// What is left over goes, and nothing is found to be damaged.
    void scrub()
    {
        for (std::uint64_t from = 0; from < batch.manifest.chunks; from += 31) {
            const auto step = store->scrub(batch.root(), from, 31);
            ASSERT_TRUE(step) << step.error().detail;
            ASSERT_TRUE(step->damaged.empty());
        }
    }
    /// A put of these chunks that is given up; what the store may carry out later.
    inference::UpstreamRequest give_up(const ChunkRange& range)
    {
        objects->fail_all(FakeBucket::broken(inference::UpstreamFault::deadline));
        const auto put = store->put_chunks(batch.root(), range.first, batch.chunk_part(range));
        EXPECT_FALSE(put);
        objects->fail_all({});
        clock.advance(5s);
        return objects->last();
    }
    /// The store does at last what nobody waits for any more.
    void carry_out(const inference::UpstreamRequest& late) { ASSERT_TRUE(objects->call(late, {})); }
    void remove()
    {
        ASSERT_TRUE(store->unpin(batch.root(), "operator"));
        ASSERT_TRUE(store->remove(batch.root()));
    }
    void begin()
    {
        ASSERT_TRUE(store->create(batch.manifest, "operator"));
        ASSERT_TRUE(store->put_leaves(batch.root(), 0, batch.leaves));
    }

    ManualClock clock;
    SimDisk disk;
    BatchLimits limits{std::uint64_t{1} << 30, 100, 2};
    std::vector<std::string> damage;
    std::shared_ptr<FakeBucket> objects = std::make_shared<FakeBucket>();
    BucketCounts counts;
    Bucket bucket{
        objects,
        *bucket_address(*parse_server_url("http://127.0.0.1:1"), "bucket", "of/tests", true),
        {"key", SecretBytes::copy_of(as_bytes("secret")), "here"},
        clock,
        counts,
        {},
        {4, 1s, 10s, 1ms, 5s}};
    SealedBatch batch = seal_batch(1, 69);  // 70 chunks: two objects and a part of one
    std::unique_ptr<DiskBatches> store;
};

TEST_F(BucketChunksTest, PutsAMiBIntoOneObjectWithOneCall)
{
    ASSERT_EQ(batch.manifest.chunks, 70u);
    put({0, 31});
    put({31, 31});
    put({62, 8});
    EXPECT_EQ(objects->take_calls().size(), 3u);
    const auto all = objects->objects();
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all.at(key(0)), batch.chunk_part({0, 31}));
    EXPECT_EQ(all.at(key(2)), batch.chunk_part({62, 8}));
    EXPECT_EQ(*store->chunks(batch.root(), {40, 30}), batch.chunk_part({40, 30}));
    EXPECT_EQ(objects->take_calls().size(), 2u);
}

TEST_F(BucketChunksTest, KeepsWhatAnObjectHasWhenMoreOfItComes)
{
    put({20, 20});
    put({3, 2});
    put({0, 1});
    put({60, 10});
    EXPECT_EQ(store->have(batch.root())->ranges(9),
              (std::vector<ChunkRange>{{0, 1}, {3, 2}, {20, 20}, {60, 10}}));
    for (const auto& range : store->have(batch.root())->ranges(9))
        EXPECT_EQ(*store->chunks(batch.root(), range), batch.chunk_part(range));
    put({0, 30});
    put({30, 31});
    EXPECT_TRUE(store->have(batch.root())->is_full());
    EXPECT_EQ(*store->chunks(batch.root(), {25, 31}), batch.chunk_part({25, 31}));
    EXPECT_TRUE(damage.empty());
}

TEST_F(BucketChunksTest, WritesNothingAnewThatDidNotComeAsItWasPut)
{
    put({0, 15});
    auto altered = objects->objects().at(key(0));
    altered[3 * chunk_bytes] ^= 1;
    objects->set(key(0), altered);
    const auto beside = store->put_chunks(batch.root(), 15, batch.chunk_part({15, 5}));
    ASSERT_FALSE(beside);
    EXPECT_EQ(beside.error().kind, ErrorKind::unavailable);
    objects->set(key(0), Bytes{altered.begin(), altered.begin() + 5 * chunk_bytes});
    EXPECT_FALSE(store->put_chunks(batch.root(), 15, batch.chunk_part({15, 5})));
    EXPECT_EQ(objects->objects().at(key(0)).size(), 5 * chunk_bytes);
    objects->set(key(0), altered);
    EXPECT_EQ(store->scrub(batch.root(), 0, 70)->damaged, std::vector<std::uint64_t>{3});
    put({15, 5});
    put({3, 1});
    EXPECT_EQ(*store->chunks(batch.root(), {0, 20}), batch.chunk_part({0, 20}));
    scrub();
    EXPECT_EQ(objects->objects().at(key(0)), batch.chunk_part({0, 20}));
}

TEST_F(BucketChunksTest, AnObjectThatIsRefusedDoesNotCloseTheStore)
{
    put({0, 31});
    put({31, 31});
    objects->fail({FakeBucket::refused(403, "InvalidObjectState")});
    EXPECT_EQ(store->chunks(batch.root(), {0, 1}).error().kind, ErrorKind::unavailable);
    EXPECT_TRUE(store->chunks(batch.root(), {40, 1}));
    objects->fail({FakeBucket::refused(403, "AccessDenied")});
    EXPECT_FALSE(store->chunks(batch.root(), {0, 1}));
    EXPECT_FALSE(store->chunks(batch.root(), {40, 1})) << "that one is about all";
}

TEST_F(BucketChunksTest, LosesNothingWhereManyPutIntoOneObjectAtOnce)
{
    std::vector<std::jthread> threads;
    for (std::uint64_t first = 0; first < 8; ++first)
        threads.emplace_back([this, first] {
            for (auto i = first; i < 70; i += 8)
                ASSERT_TRUE(store->put_chunks(batch.root(), i, batch.chunk_part({i, 1})));
        });
    threads.clear();
    ASSERT_TRUE(store->sync(batch.root()));
    EXPECT_TRUE(store->have(batch.root())->is_full());
    EXPECT_EQ(*store->chunks(batch.root(), {0, 31}), batch.chunk_part({0, 31}));
    EXPECT_TRUE(store->scrub(batch.root(), 0, 70)->damaged.empty());
}

TEST_F(BucketChunksTest, CountsTheZerosBeforeAChunkThatCameAlone)
{
    const auto empty = store->usage().bytes;
    put({30, 1});
    EXPECT_EQ(store->usage().bytes - empty, 31 * chunk_bytes);
    EXPECT_EQ(objects->objects().at(key(0)).size(), 31 * chunk_bytes);
    put({2, 1});
    scrub();
    EXPECT_EQ(objects->objects().at(key(0)).size(), 31 * chunk_bytes) << "in one object only";
    EXPECT_EQ(store->usage().bytes - empty, 31 * chunk_bytes);
    put({31, 39});
    EXPECT_EQ(store->usage().bytes - empty,
              transfer::range_bytes(batch.manifest.summary(), {0, 70}));
}

TEST_F(BucketChunksTest, FindsWhatIsMissingOrDamagedAndServesNoneOfIt)
{
    put({0, 31});
    put({31, 31});
    put({62, 8});
    objects->erase(key(1));
    auto third = objects->objects().at(key(2));
    third[3 * chunk_bytes + 5] ^= 1;
    third.resize(7 * chunk_bytes + 1);
    objects->set(key(2), third);
    EXPECT_EQ(store->chunks(batch.root(), {65, 1}).error().kind, ErrorKind::corrupt);
    EXPECT_EQ(store->chunks(batch.root(), {40, 1}).error().kind, ErrorKind::corrupt);
    EXPECT_TRUE(store->scrub(batch.root(), 0, 31)->damaged.empty());
    EXPECT_EQ(store->scrub(batch.root(), 31, 31)->damaged.size(), 30u);
    EXPECT_EQ(store->scrub(batch.root(), 62, 8)->damaged, std::vector<std::uint64_t>{69});
    EXPECT_EQ(store->have(batch.root())->ranges(9),
              (std::vector<ChunkRange>{{0, 31}, {62, 3}, {66, 3}}));
    put({31, 31});
    put({65, 1});
    put({69, 1});
    EXPECT_EQ(*store->chunks(batch.root(), {39, 31}), batch.chunk_part({39, 31}));
}

TEST_F(BucketChunksTest, ThrowsNothingAwayWhileTheStoreRefusesOrSaysNothing)
{
    put({0, 31});
    for (const auto& trouble :
         {FakeBucket::refused(403, "AccessDenied"), FakeBucket::refused(404, "NoSuchBucket"),
          FakeBucket::broken(inference::UpstreamFault::deadline)}) {
        objects->fail_all(trouble);
        clock.advance(5s);
        EXPECT_EQ(store->chunks(batch.root(), {0, 4}).error().kind, ErrorKind::unavailable);
        EXPECT_EQ(store->scrub(batch.root(), 0, 31).error().kind, ErrorKind::unavailable);
    }
    objects->fail_all({});
    clock.advance(5s);
    EXPECT_EQ(*store->chunks(batch.root(), {0, 31}), batch.chunk_part({0, 31}));
    EXPECT_TRUE(damage.empty());
}

TEST_F(BucketChunksTest, RemovesAllObjectsOfABatchAndNoOthers)
{
    put({0, 31});
    put({31, 31});
    objects->page = 1;
    objects->set("of/tests/other", {1});
    ASSERT_TRUE(store->unpin(batch.root(), "operator"));
    ASSERT_TRUE(store->remove(batch.root()));
    EXPECT_EQ(objects->objects().size(), 1u);
    EXPECT_EQ(store->usage().bytes, 0u);
}

TEST_F(BucketChunksTest, SweepsAwayWhatAnEarlierLifeLeftBeforeABatchBegins)
{
    objects->set(old_key(1), Bytes(100));
    ASSERT_TRUE(store->unpin(batch.root(), "operator"));
    objects->fail_all(FakeBucket::refused(500, ""));
    EXPECT_EQ(store->remove(batch.root()).error().kind, ErrorKind::unavailable);
    objects->fail_all({});
    clock.advance(5s);
    ASSERT_TRUE(store->create(batch.manifest, "operator"));
    EXPECT_TRUE(objects->objects().empty());
}

TEST_F(BucketChunksTest, ALatePutUndoesNoLaterOneOfTheSameObject)
{
    put({0, 15});
    const auto late = objects->last("PUT");  // as if it had been given up once, and sent again
    put({15, 5});
    put({20, 5});
    carry_out(late);
    EXPECT_EQ(*store->chunks(batch.root(), {0, 25}), batch.chunk_part({0, 25}));
    scrub();
    EXPECT_EQ(objects->objects().size(), 1u) << "what came late is left over, and removed";
    EXPECT_EQ(*store->chunks(batch.root(), {0, 25}), batch.chunk_part({0, 25}));
}

TEST_F(BucketChunksTest, APutThatWasGivenUpTouchesNothingWhenItComesLate)
{
    const auto late = give_up({0, 31});
    ASSERT_EQ(late.method, "PUT");
    put({0, 31});
    const auto before = objects->objects();
    carry_out(late);
    EXPECT_EQ(objects->objects().size(), 2u) << "under a key of its own";
    scrub();
    EXPECT_EQ(objects->objects(), before);
}

TEST_F(BucketChunksTest, ALateRemovalTouchesNothingOfABatchThatCameAgain)
{
    put({0, 31});
    put({31, 20});
    remove();
    const auto late = objects->last("POST");
    begin();
    put({0, 31});
    put({31, 20});
    const auto before = objects->objects();
    carry_out(late);
    EXPECT_EQ(objects->objects(), before);
    EXPECT_EQ(*store->chunks(batch.root(), {20, 31}), batch.chunk_part({20, 31}));
}

TEST_F(BucketChunksTest, RemovesWhatComesLateOfABatchThatIsGone)
{
    for (const bool with_restart : {false, true}) {
        const auto late = give_up({0, 31});
        remove();
        EXPECT_EQ(store->usage().bytes, 0u);
        if (with_restart) store = open();
        carry_out(late);
        ASSERT_TRUE(store->collect(0));
        EXPECT_EQ(objects->objects().size(), 1u) << "it is looked for once, when all has come";
        clock.advance(std::chrono::hours{1});
        ASSERT_TRUE(store->collect(0));
        EXPECT_TRUE(objects->objects().empty());
        const auto name = to_hex(batch.root().view());
        EXPECT_TRUE(disk.list("batches/" + name.substr(0, 2))->empty());
        objects->take_calls();
        ASSERT_TRUE(store->collect(0));
        EXPECT_TRUE(objects->take_calls().empty()) << "and no more";
        begin();
    }
}

TEST_F(BucketChunksTest, BeginsAgainABatchWhoseLateWritesAreWaitedFor)
{
    put({0, 31});
    remove();
    begin();
    put({0, 31});
    clock.advance(std::chrono::hours{2});
    ASSERT_TRUE(store->collect(0));
    store = open();
    clock.advance(std::chrono::hours{2});
    ASSERT_TRUE(store->collect(0));
    EXPECT_EQ(*store->chunks(batch.root(), {0, 31}), batch.chunk_part({0, 31}));
}

TEST_F(BucketChunksTest, ReadsObjectsOfTheLayoutWithoutGenerations)
{
    put({0, 31});
    put({31, 20});
    for (int number = 0; number < 2; ++number) {
        const auto made = key(number);
        objects->set(old_key(number), objects->objects().at(made));
        objects->erase(made);
    }
    store.reset();
    const auto name = to_hex(batch.root().view());
    ASSERT_TRUE(disk.remove("batches/" + name.substr(0, 2) + "/" + name + ".objects"));
    store = open();
    EXPECT_EQ(*store->chunks(batch.root(), {20, 31}), batch.chunk_part({20, 31}));
    scrub();
    EXPECT_EQ(objects->objects().size(), 2u) << "they count";
    put({51, 5});
    scrub();
    EXPECT_EQ(objects->objects().size(), 2u);
    EXPECT_FALSE(objects->objects().contains(old_key(1))) << "it was written anew";
    store = open();
    EXPECT_EQ(*store->chunks(batch.root(), {25, 31}), batch.chunk_part({25, 31}));
    remove();
    EXPECT_TRUE(objects->objects().empty());
}

TEST_F(BucketChunksTest, RemovesWhatIsLeftOverPageByPage)
{
    put({0, 31});
    put({31, 31});
    put({62, 8});
    const auto before = objects->objects();
    for (int number = 0; number < 3; ++number)
        for (const auto* ending : {"", "-0000000000000001", "-ffffffffffffffff"})
            objects->set(old_key(number) + ending, Bytes(9));
    objects->page = 2;
    for (int round = 0; round < 3; ++round) scrub();
    EXPECT_EQ(objects->objects(), before);
}

TEST_F(BucketChunksTest, RemovesThePreviousGenerationOnlyWhenTheDiskKnowsTheNext)
{
    put({0, 10});
    const auto first = key(0);
    ASSERT_TRUE(store->put_chunks(batch.root(), 10, batch.chunk_part({10, 10})));
    scrub();
    EXPECT_TRUE(objects->objects().contains(first));
    store.reset();
    disk.crash([] { return false; }, false);
    store = open();
    EXPECT_EQ(store->have(batch.root())->ranges(9), (std::vector<ChunkRange>{{0, 10}}));
    scrub();
    EXPECT_EQ(key(0), first) << "the other one is left over";
    put({10, 10});
    put({20, 10});
    scrub();
    EXPECT_NE(key(0), first);
    EXPECT_EQ(*store->chunks(batch.root(), {0, 30}), batch.chunk_part({0, 30}));
}

TEST_F(BucketChunksTest, GoesOnAfterALossOfPowerWhereverTheUploadWas)
{
    put({0, 31});
    // The objects are there, the marks are not: what was not acknowledged comes again.
    ASSERT_TRUE(store->put_chunks(batch.root(), 31, batch.chunk_part({31, 31})));
    store.reset();
    disk.crash([] { return false; }, false);
    store = open();
    EXPECT_EQ(store->have(batch.root())->ranges(9), (std::vector<ChunkRange>{{0, 31}}));
    put({31, 31});
    put({62, 8});
    store = open();
    EXPECT_TRUE(store->info(batch.root())->is_complete());
    EXPECT_EQ(*store->chunks(batch.root(), {20, 31}), batch.chunk_part({20, 31}));
    EXPECT_TRUE(damage.empty());
}

}  // namespace
}  // namespace node
