#include "node/blobs/bucket/bucket_chunks.hpp"
#include "node/blobs/store/disk_batches.hpp"
#include "tests/support/fake_bucket.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_batches.hpp"
#include "tests/support/sealed_batch.hpp"
#include "tests/support/sim_disk.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

/// What holds for every store of batches.
namespace node {
namespace {

using namespace ledger;

struct InMemory {
    ManualClock clock;
    std::unique_ptr<BatchStore> open(const BatchLimits& limits)
    {
        return std::make_unique<MemoryBatches>(clock, limits);
    }
};

struct OnSimulatedDisk {
    ManualClock clock;
    SimDisk disk;
    std::unique_ptr<BatchStore> open(const BatchLimits& limits)
    {
        return std::move(*DiskBatches::open(disk, "batches", clock, limits, [](const auto&) {}));
    }
};

struct OnDisk {
    ManualClock clock;
    PosixDisk disk;
    TemporaryFolder folder{TemporaryFolder::Place::memory};
    std::unique_ptr<BatchStore> open(const BatchLimits& limits)
    {
        return std::move(*DiskBatches::open(disk, (folder.path() / "batches").string(), clock,
                                            limits, [](const auto&) {}));
    }
};

/// Books on a simulated disk, chunks in a bucket.
struct InBucket {
    ManualClock clock;
    SimDisk disk;
    std::shared_ptr<FakeBucket> store = std::make_shared<FakeBucket>();
    BucketCounts counts;
    Bucket bucket{
        store,
        *bucket_address(*parse_server_url("http://127.0.0.1:1"), "bucket", "of/tests", true),
        {"key", SecretBytes::copy_of(as_bytes("secret")), "here"},
        clock,
        counts};
    std::unique_ptr<BatchStore> open(const BatchLimits& limits)
    {
        return std::move(*DiskBatches::open(
            disk, "batches", clock, limits, [](const auto&) {},
            std::make_unique<BucketChunks>(bucket, disk)));
    }
};

template <class Place>
struct BatchStoreContract : testing::Test {
    ErrorKind kind_of(const Result<void>& result) { return result.error().kind; }
    template <class T>
    ErrorKind kind_of(const Result<T>& result)
    {
        return result.error().kind;
    }
    void put_table(const SealedBatch& batch)
    {
        ASSERT_TRUE(store->create(batch.manifest, std::nullopt));
        ASSERT_TRUE(store->put_leaves(batch.root(), 0, batch.leaves));
    }
    void put_all(const SealedBatch& batch)
    {
        put_table(batch);
        const auto put = store->put_chunks(batch.root(), 0, batch.sealed);
        ASSERT_TRUE(put);
        ASSERT_EQ(*put, batch.manifest.chunks);
        ASSERT_TRUE(store->sync(batch.root()));
    }

    Place place;
    BatchLimits limits{std::uint64_t{1} << 20, 4, 2};
    std::unique_ptr<BatchStore> store = place.open(limits);
    SealedBatch batch = seal_batch(1, 5);
};

using Places = testing::Types<InMemory, OnSimulatedDisk, OnDisk, InBucket>;
TYPED_TEST_SUITE(BatchStoreContract, Places);

TYPED_TEST(BatchStoreContract, GivesBackWhatWasPut)
{
    this->put_all(this->batch);
    const auto& root = this->batch.root();
    EXPECT_EQ(*this->store->manifest(root), this->batch.manifest);
    EXPECT_EQ(*this->store->leaves(root, {1, 3}), this->batch.leaf_part({1, 3}));
    EXPECT_EQ(*this->store->chunks(root, {0, 6}), this->batch.sealed);
    EXPECT_EQ(*this->store->chunks(root, {5, 1}), this->batch.chunk_part({5, 1}));
    EXPECT_TRUE(this->store->info(root)->is_complete());
    EXPECT_TRUE(this->store->have(root)->is_full());
    EXPECT_EQ(this->store->list({}, 9), std::vector<Hash>{root});
}

TYPED_TEST(BatchStoreContract, TakesAPartAndTellsWhatIsMissing)
{
    this->put_table(this->batch);
    const auto& root = this->batch.root();
    ASSERT_TRUE(this->store->put_chunks(root, 2, this->batch.chunk_part({2, 2})));
    EXPECT_EQ(this->store->have(root)->count(), 0u) << "it does not count before it is synced";
    ASSERT_TRUE(this->store->sync(root));
    EXPECT_EQ(this->store->have(root)->ranges(9), (std::vector<ChunkRange>{{2, 2}}));
    EXPECT_EQ(this->kind_of(this->store->chunks(root, {1, 2})), ErrorKind::not_found);
    EXPECT_EQ(*this->store->chunks(root, {2, 2}), this->batch.chunk_part({2, 2}));
}

TYPED_TEST(BatchStoreContract, KnowsNothingOfWhatIsNotThere)
{
    const auto& root = this->batch.root();
    EXPECT_EQ(this->kind_of(this->store->info(root)), ErrorKind::not_found);
    EXPECT_EQ(this->kind_of(this->store->put_leaves(root, 0, this->batch.leaves)),
              ErrorKind::not_found);
    EXPECT_EQ(this->kind_of(this->store->pin(root, "operator")), ErrorKind::not_found);
    ASSERT_TRUE(this->store->create(this->batch.manifest, std::nullopt));
    EXPECT_EQ(this->kind_of(this->store->leaves(root, {0, 1})), ErrorKind::not_found);
    EXPECT_EQ(this->kind_of(this->store->put_chunks(root, 0, this->batch.sealed)),
              ErrorKind::not_found)
        << "the table comes first";
}

TYPED_TEST(BatchStoreContract, TakesNoTableButTheOneOfTheRoot)
{
    const auto& root = this->batch.root();
    ASSERT_TRUE(this->store->create(this->batch.manifest, std::nullopt));
    ASSERT_TRUE(this->store->put_leaves(root, 0, this->batch.leaf_part({0, 2})));
    EXPECT_EQ(this->store->info(root)->leaves, 2u);
    EXPECT_EQ(this->kind_of(this->store->put_leaves(root, 3, this->batch.leaf_part({3, 1}))),
              ErrorKind::invalid)
        << "out of order";
    auto wrong = this->batch.leaf_part({2, 4});
    wrong[0] ^= 1;
    EXPECT_EQ(this->kind_of(this->store->put_leaves(root, 2, wrong)), ErrorKind::invalid);
    EXPECT_EQ(this->store->info(root)->leaves, 0u) << "all of them are forgotten";
    EXPECT_EQ(this->kind_of(this->store->put_leaves(root, 0, Bytes(7 * 64))), ErrorKind::invalid);
    ASSERT_TRUE(this->store->put_leaves(root, 0, this->batch.leaf_part({0, 6})));
    EXPECT_TRUE(this->store->info(root)->has_table());
    EXPECT_TRUE(this->store->put_leaves(root, 0, Bytes(64))) << "it is there already";
    EXPECT_EQ(*this->store->leaves(root, {0, 6}), this->batch.leaves);
}

TYPED_TEST(BatchStoreContract, KeepsChunksUpToTheFirstWrongOne)
{
    this->put_table(this->batch);
    const auto& root = this->batch.root();
    auto bytes = this->batch.chunk_part({0, 4});
    bytes[2 * sealing::sealed_chunk_bytes] ^= 1;
    EXPECT_EQ(*this->store->put_chunks(root, 0, bytes), 2u);
    ASSERT_TRUE(this->store->sync(root));
    EXPECT_EQ(this->store->have(root)->ranges(9), (std::vector<ChunkRange>{{0, 2}}));
    EXPECT_EQ(this->kind_of(this->store->put_chunks(root, 0, Bytes(5))), ErrorKind::invalid);
    EXPECT_EQ(this->kind_of(this->store->put_chunks(root, 6, bytes)), ErrorKind::invalid);
}

TYPED_TEST(BatchStoreContract, HasNoBatchOfOtherSizesUnderARoot)
{
    ASSERT_TRUE(this->store->create(this->batch.manifest, std::nullopt));
    EXPECT_TRUE(this->store->create(this->batch.manifest, std::nullopt)) << "again";
    auto other = this->batch.manifest;
    other.bytes -= 1;
    EXPECT_EQ(this->kind_of(this->store->create(other, std::nullopt)), ErrorKind::invalid);
}

TYPED_TEST(BatchStoreContract, KeepsToItsQuota)
{
    const auto large = seal_batch(2, 40);
    this->put_table(large);
    const auto& root = large.root();
    std::uint64_t taken = 0;
    for (; taken < 41; ++taken) {
        const auto put = this->store->put_chunks(root, taken, large.chunk_part({taken, 1}));
        if (!put) {
            EXPECT_EQ(put.error().kind, ErrorKind::full);
            break;
        }
        ASSERT_TRUE(this->store->sync(root));
    }
    EXPECT_GT(taken, 25u);
    EXPECT_LT(taken, 32u);
    EXPECT_LE(this->store->usage().bytes, this->limits.quota_bytes);
    EXPECT_EQ(this->store->have(root)->count(), taken) << "what was taken stays";
}

TYPED_TEST(BatchStoreContract, MakesRoomForWhatIsHeldFromWhatIsNotTheLongestUnusedFirst)
{
    std::vector<SealedBatch> batches;
    for (std::uint64_t seed = 10; seed < 13; ++seed) batches.push_back(seal_batch(seed, 9));
    for (const auto& one : batches) {
        this->put_all(one);
        this->place.clock.advance(std::chrono::seconds{1});
    }
    ASSERT_TRUE(this->store->pin(batches[1].root(), "operator"));
    this->place.clock.advance(std::chrono::seconds{1});
    ASSERT_TRUE(this->store->chunks(batches[0].root(), {0, 1})) << "used just now";

    const auto stranger = seal_batch(20, 9);
    ASSERT_TRUE(this->store->create(stranger.manifest, std::nullopt));
    ASSERT_TRUE(this->store->put_leaves(stranger.root(), 0, stranger.leaves));
    EXPECT_EQ(this->kind_of(this->store->put_chunks(stranger.root(), 0, stranger.sealed)),
              ErrorKind::full)
        << "nobody holds it";
    ASSERT_TRUE(this->store->pin(stranger.root(), "job-1"));
    ASSERT_TRUE(this->store->put_chunks(stranger.root(), 0, stranger.sealed));
    EXPECT_TRUE(this->store->info(batches[0].root()));
    EXPECT_TRUE(this->store->info(batches[1].root())) << "held";
    EXPECT_FALSE(this->store->info(batches[2].root())) << "the longest unused";
    EXPECT_LE(this->store->usage().bytes, this->limits.quota_bytes);
}

TYPED_TEST(BatchStoreContract, CountsHoldersAndRemovesWhatNobodyHolds)
{
    const auto& root = this->batch.root();
    ASSERT_TRUE(this->store->create(this->batch.manifest, "operator"));
    ASSERT_TRUE(this->store->pin(root, "job-1"));
    ASSERT_TRUE(this->store->pin(root, "job-1")) << "once, however often it is said";
    EXPECT_EQ(this->store->info(root)->holders, (std::vector<std::string>{"job-1", "operator"}));
    EXPECT_EQ(this->kind_of(this->store->pin(root, "no name")), ErrorKind::invalid);
    ASSERT_TRUE(this->store->unpin(root, "operator"));
    EXPECT_EQ(this->kind_of(this->store->remove(root)), ErrorKind::denied);
    ASSERT_TRUE(this->store->unpin(root, "job-1"));
    ASSERT_TRUE(this->store->remove(root));
    EXPECT_EQ(this->store->usage().bytes, 0u);
    EXPECT_FALSE(this->store->info(root));
    this->put_all(this->batch);
}

TYPED_TEST(BatchStoreContract, HasABoundOfHoldersAndOfBatches)
{
    ASSERT_TRUE(this->store->create(this->batch.manifest, std::nullopt));
    for (std::size_t i = 0; i < most_holders; ++i)
        ASSERT_TRUE(this->store->pin(this->batch.root(), "job-" + std::to_string(i)));
    EXPECT_EQ(this->kind_of(this->store->pin(this->batch.root(), "one-more")), ErrorKind::full);
    for (std::uint64_t seed = 30; seed < 33; ++seed)
        ASSERT_TRUE(this->store->create(seal_batch(seed, 0).manifest, std::nullopt));
    EXPECT_EQ(this->kind_of(this->store->create(seal_batch(40, 0).manifest, std::nullopt)),
              ErrorKind::full);
}

TYPED_TEST(BatchStoreContract, CollectsWhatNobodyHolds)
{
    const auto held = seal_batch(3, 5);
    this->put_all(this->batch);
    this->put_all(held);
    ASSERT_TRUE(this->store->pin(held.root(), "operator"));
    const auto freed = this->store->collect(this->limits.quota_bytes);
    ASSERT_TRUE(freed);
    EXPECT_GE(*freed, this->batch.sealed.size());
    EXPECT_EQ(this->store->list({}, 9), std::vector<Hash>{held.root()});
}

TYPED_TEST(BatchStoreContract, ListsRootsInOrder)
{
    std::vector<Hash> roots;
    for (std::uint64_t seed = 50; seed < 53; ++seed) {
        const auto one = seal_batch(seed, 0);
        ASSERT_TRUE(this->store->create(one.manifest, std::nullopt));
        roots.push_back(one.root());
    }
    std::sort(roots.begin(), roots.end());
    EXPECT_EQ(this->store->list({}, 2), (std::vector<Hash>{roots[0], roots[1]}));
    EXPECT_EQ(this->store->list(roots[1], 2), (std::vector<Hash>{roots[2]}));
}

TYPED_TEST(BatchStoreContract, FindsNothingWhereNothingIsDamaged)
{
    this->put_all(this->batch);
    std::uint64_t bytes = 0;
    for (std::uint64_t next = 0; next < this->batch.manifest.chunks;) {
        const auto step = this->store->scrub(this->batch.root(), next, 2);
        ASSERT_TRUE(step);
        EXPECT_TRUE(step->damaged.empty());
        ASSERT_GT(step->next, next);
        next = step->next;
        bytes += step->bytes;
    }
    EXPECT_GE(bytes, this->batch.sealed.size());
}

}  // namespace
}  // namespace node
