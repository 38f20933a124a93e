#include "node/blobs/store/chunk_place.hpp"

#include "ledger/base/hex.hpp"
#include "node/blobs/store/disk_batches.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/sealed_batch.hpp"
#include "tests/support/sim_disk.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>

/// Chunks that lie in a place of their own, which may be out of reach.
namespace node {
namespace {

using namespace ledger;

struct Reach {
    bool is_there = true;
    bool is_whole = true;  ///< false: what is read comes back empty
    std::size_t erased = 0;
    std::function<void()> on_erase;  ///< while it works on that

    Result<void> check() const
    {
        if (is_there) return {};
        return Error{ErrorKind::unavailable, "nobody answers"};
    }
};

class FarBytes final : public ChunkBytes {
public:
    FarBytes(std::shared_ptr<ChunkBytes> file, Reach& reach) : file_{std::move(file)}, reach_{reach}
    {
    }
    Result<void> write(const ChunkRange& range, ByteView bytes, const Holds& holds) override
    {
        const auto good = reach_.check();
        return good ? file_->write(range, bytes, holds) : good;
    }
    Result<void> sync() override { return file_->sync(); }
    Result<Bytes> read(const ChunkRange& range) override
    {
        if (const auto good = reach_.check(); !good) return good.error();
        return reach_.is_whole ? file_->read(range) : Bytes{};
    }

private:
    std::shared_ptr<ChunkBytes> file_;
    Reach& reach_;
};

class FarPlace final : public ChunkPlace {
public:
    FarPlace(Disk& disk, Reach& reach, std::string label)
        : files_{disk}, reach_{reach}, label_{std::move(label)}
    {
    }
    Result<void> create(const Of& of) override
    {
        const auto good = reach_.check();
        return good ? files_.create(of) : good;
    }
    Result<std::shared_ptr<ChunkBytes>> open(const Of& of, const BatchSummary& batch) override
    {
        auto file = files_.open(of, batch);
        if (!file) return file.error();
        return std::make_shared<FarBytes>(std::move(*file), reach_);
    }
    Result<void> erase(const Of& of) override
    {
        if (const auto good = reach_.check(); !good) return good;
        ++reach_.erased;
        if (reach_.on_erase) reach_.on_erase();
        return files_.erase(of);
    }
    std::uint64_t bytes_of(const BatchSummary& batch, const ChunkSet& have) const override
    {
        return files_.bytes_of(batch, have);
    }
    std::uint64_t room_for(const BatchSummary& batch, const ChunkSet& have,
                           const ChunkRange& range) const override
    {
        return files_.room_for(batch, have, range);
    }
    std::string label() const override { return label_; }

private:
    ChunkFiles files_;
    Reach& reach_;
    std::string label_;
};

Bytes bytes_of(std::string_view text)
{
    return {text.begin(), text.end()};
}

struct ChunkPlaceTest : testing::Test {
    Result<std::unique_ptr<DiskBatches>> open(const std::string& label = "far away")
    {
        return DiskBatches::open(
            disk, "batches", clock, limits,
            [this](const std::string& what) { damage.push_back(what); },
            std::make_unique<FarPlace>(disk, reach, label));
    }
    void put_all(BatchStore& store)
    {
        ASSERT_TRUE(store.create(batch.manifest, std::nullopt));
        ASSERT_TRUE(store.put_leaves(batch.root(), 0, batch.leaves));
        ASSERT_EQ(*store.put_chunks(batch.root(), 0, batch.sealed), batch.manifest.chunks);
        ASSERT_TRUE(store.sync(batch.root()));
    }

    ManualClock clock;
    SimDisk disk;
    Reach reach;
    BatchLimits limits{std::uint64_t{1} << 20, 100, 2};
    std::vector<std::string> damage;
    SealedBatch batch = seal_batch(1, 5);
};

TEST_F(ChunkPlaceTest, OutOfReachRefusesNewBatchesAndLosesNothing)
{
    auto store = *open();
    put_all(*store);
    reach.is_there = false;
    const auto other = seal_batch(2, 5);
    EXPECT_EQ(store->create(other.manifest, std::nullopt).error().kind, ErrorKind::unavailable);
    EXPECT_EQ(store->info(other.root()).error().kind, ErrorKind::not_found);
    EXPECT_EQ(store->chunks(batch.root(), {0, 1}).error().kind, ErrorKind::unavailable);
    EXPECT_EQ(store->scrub(batch.root(), 0, 8).error().kind, ErrorKind::unavailable);
    EXPECT_TRUE(store->have(batch.root())->is_full());
    reach.is_there = true;
    EXPECT_EQ(*store->chunks(batch.root(), {0, 6}), batch.sealed);
    EXPECT_TRUE(damage.empty());
}

TEST_F(ChunkPlaceTest, CountsNothingThatCouldNotBeWritten)
{
    auto store = *open();
    ASSERT_TRUE(store->create(batch.manifest, std::nullopt));
    ASSERT_TRUE(store->put_leaves(batch.root(), 0, batch.leaves));
    const auto before = store->usage().bytes;
    reach.is_there = false;
    EXPECT_EQ(store->put_chunks(batch.root(), 0, batch.sealed).error().kind,
              ErrorKind::unavailable);
    ASSERT_TRUE(store->sync(batch.root()));
    EXPECT_EQ(store->have(batch.root())->count(), 0u);
    EXPECT_EQ(store->usage().bytes, before);
    reach.is_there = true;
    ASSERT_TRUE(store->put_chunks(batch.root(), 0, batch.sealed));
    ASSERT_TRUE(store->sync(batch.root()));
    EXPECT_TRUE(store->have(batch.root())->is_full());
}

TEST_F(ChunkPlaceTest, ThrowsAwayWhatIsLackingThere)
{
    auto store = *open();
    put_all(*store);
    reach.is_whole = false;
    EXPECT_EQ(store->chunks(batch.root(), {2, 1}).error().kind, ErrorKind::corrupt);
    EXPECT_FALSE(store->have(batch.root())->has(2));
    const auto step = store->scrub(batch.root(), 0, 8);
    EXPECT_EQ(step->damaged, (std::vector<std::uint64_t>{0, 1, 3, 4, 5}));
    EXPECT_EQ(damage.size(), 6u);
}

TEST_F(ChunkPlaceTest, RemovesWhatWasOutOfReachOnceItIsThereAgain)
{
    auto store = *open();
    put_all(*store);
    const auto full = store->usage().bytes;
    reach.is_there = false;
    EXPECT_EQ(store->remove(batch.root()).error().kind, ErrorKind::unavailable);
    EXPECT_EQ(store->info(batch.root()).error().kind, ErrorKind::not_found);
    EXPECT_EQ(store->usage().bytes, full) << "its chunks still take room";
    EXPECT_FALSE(store->collect(0));
    reach.is_there = true;
    EXPECT_TRUE(store->collect(0));
    EXPECT_EQ(store->usage().bytes, 0u);
    EXPECT_EQ(reach.erased, 1u);
}

TEST_F(ChunkPlaceTest, OpensWhileItIsOutOfReachAndSweepsLater)
{
    {
        auto store = *open();
        put_all(*store);
        reach.is_there = false;
        EXPECT_FALSE(store->remove(batch.root()));
    }
    auto store = open();
    ASSERT_TRUE(store) << store.error().detail;
    EXPECT_TRUE((*store)->list({}, 9).empty());
    EXPECT_EQ((*store)->create(batch.manifest, std::nullopt).error().kind, ErrorKind::unavailable)
        << "old chunks could come between";
    reach.is_there = true;
    put_all(**store);
    EXPECT_EQ(reach.erased, 1u);
    EXPECT_EQ(*(*store)->chunks(batch.root(), {0, 6}), batch.sealed);
}

TEST_F(ChunkPlaceTest, KeepsNobodyFromOtherBatchesWhileItRemovesOne)
{
    limits.patience = std::chrono::milliseconds{1};
    auto store = *open();
    put_all(*store);
    std::promise<void> begun, opening;
    reach.on_erase = [&, gate = opening.get_future().share()] {
        begun.set_value();
        gate.wait();
    };
    Result<void> removed;
    std::jthread remover{[&] { removed = store->remove(batch.root()); }};
    begun.get_future().wait();
    const auto other = seal_batch(2, 5);
    const auto created = store->create(other.manifest, "operator");
    const auto pinned = store->pin(other.root(), "job-1");
    const auto gone = store->info(batch.root());
    const auto again = store->create(batch.manifest, std::nullopt);
    const auto counted = store->usage().bytes;
    opening.set_value();
    remover.join();
    EXPECT_TRUE(created);
    EXPECT_TRUE(pinned);
    EXPECT_EQ(gone.error().kind, ErrorKind::not_found);
    EXPECT_EQ(again.error().kind, ErrorKind::unavailable) << "not before the old chunks are gone";
    EXPECT_TRUE(removed);
    EXPECT_LT(store->usage().bytes, counted) << "its chunks took room until then";
    EXPECT_TRUE(store->create(batch.manifest, std::nullopt));
}

TEST_F(ChunkPlaceTest, GoesOnRemovingAfterALossOfPower)
{
    {
        auto store = *open();
        put_all(*store);
        reach.is_there = false;
        EXPECT_FALSE(store->remove(batch.root()));
    }
    disk.crash([] { return false; }, false);
    reach.is_there = true;
    auto store = *open();
    EXPECT_TRUE(store->list({}, 9).empty());
    EXPECT_EQ(reach.erased, 1u);
    EXPECT_EQ(store->usage().bytes, 0u);
    const auto name = to_hex(batch.root().view());
    EXPECT_TRUE(disk.list("batches/" + name.substr(0, 2))->empty());
}

TEST_F(ChunkPlaceTest, IsRememberedSoThatNothingIsTakenForLostInAnother)
{
    put_all(**open());
    const auto other = open("elsewhere");
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().detail.find("far away, not in elsewhere"), std::string::npos)
        << other.error().detail;
    EXPECT_FALSE(DiskBatches::open(disk, "batches", clock, limits, [](const auto&) {}));
    disk.put("batches/chunks.place", bytes_of("elsewhere\n"));
    EXPECT_TRUE(open("elsewhere")) << "somebody moved them, and said so";
    disk.put("batches/chunks.place", bytes_of("far away"));
    ASSERT_TRUE((*open())->remove(batch.root()));
    EXPECT_TRUE(open("elsewhere")) << "an empty folder may change its place";
}

}  // namespace
}  // namespace node
