#include "node/board/board_roots.hpp"

#include "ledger/crypto/sha256.hpp"
#include "market/rules/lease_rules.hpp"
#include "tests/support/lease_world.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_batches.hpp"
#include "tests/support/sealed_batch.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;
using market::GpuOrderId;

struct BoardRootsTest : testing::Test {
    static GpuOrderId order_of(std::uint8_t n)
    {
        GpuOrderId id;
        id.bytes.fill(n);
        return id;
    }
    void open(const BoardRootLimits& limits = {}) { roots.emplace(store, limits); }
    std::optional<NoteRefusal> announce(std::uint8_t order, std::uint8_t root, std::uint64_t bytes)
    {
        Hash named;
        named.bytes.fill(root);
        return roots->announce(order_of(order), {named, bytes, {}});
    }
    std::optional<NoteRefusal> announce(std::uint8_t order,
                                        const std::optional<Hash>& manifest = {})
    {
        return roots->announce(order_of(order), {batch.root(), batch.manifest.bytes, manifest});
    }
    std::vector<std::string> holders() { return store.info(batch.root())->holders; }
    void release(const std::set<std::string>& over)
    {
        roots->release([&](const std::string& holder) { return over.contains(holder); });
    }

    ManualClock clock;
    MemoryBatches store{clock, {}};
    SealedBatch batch = seal_batch(1, 2);
    std::optional<BoardRoots> roots{std::in_place, store};
};

TEST_F(BoardRootsTest, NameAHolderAfterTheOrder)
{
    const auto name = lease_holder(order_of(0xab));
    EXPECT_EQ(name, "lease-ababababababababababababab");
    EXPECT_TRUE(is_holder(name));
}

TEST_F(BoardRootsTest, WantWhatIsAnnouncedAndNothingElse)
{
    EXPECT_FALSE(roots->wants(batch.root()));
    EXPECT_FALSE(roots->takes(batch.manifest));
    EXPECT_EQ(announce(1), std::nullopt);
    EXPECT_TRUE(roots->wants(batch.root()));
    EXPECT_TRUE(roots->takes(batch.manifest));
    EXPECT_EQ(roots->holders(batch.manifest), std::vector{lease_holder(order_of(1))});
    auto larger = batch.manifest;
    ++larger.bytes;
    EXPECT_FALSE(roots->takes(larger));
    EXPECT_TRUE(roots->holders(larger).empty());
}

TEST_F(BoardRootsTest, TakeOnlyTheManifestThatWasNamed)
{
    const auto text = transfer::manifest_text(batch.manifest);
    ASSERT_EQ(announce(1, sha256(as_bytes(text))), std::nullopt);
    EXPECT_TRUE(roots->takes(batch.manifest));
    auto other = batch.manifest;
    other.dataset.bytes.fill(1);
    EXPECT_FALSE(roots->takes(other));
    ASSERT_EQ(announce(2), std::nullopt);
    EXPECT_TRUE(roots->takes(other)) << "another order does not mind";
    EXPECT_EQ(roots->holders(other), std::vector{lease_holder(order_of(2))});
    EXPECT_EQ(roots->holders(batch.manifest).size(), 2u);
}

TEST_F(BoardRootsTest, BoundTheBytesAndBatchesOfAnOrder)
{
    open({1'000, 3, 5});
    EXPECT_EQ(announce(1, 1, 1'001), NoteRefusal::full);
    EXPECT_EQ(announce(1, 1, 600), std::nullopt);
    EXPECT_EQ(announce(1, 2, 401), NoteRefusal::full);
    EXPECT_EQ(announce(1, 2, ~std::uint64_t{0}), NoteRefusal::full);
    EXPECT_EQ(announce(1, 2, 300), std::nullopt);
    EXPECT_EQ(announce(1, 2, 300), std::nullopt) << "again";
    EXPECT_EQ(announce(1, 2, 1), std::nullopt) << "it stays as large as it was";
    EXPECT_EQ(announce(1, 2, 401), NoteRefusal::full);
    EXPECT_EQ(announce(1, 2, 350), std::nullopt) << "50 more";
    EXPECT_EQ(announce(1, 3, 50), std::nullopt);
    EXPECT_EQ(announce(2, 1, 1'000), std::nullopt) << "another order has its own";
    open({1'000, 3, 5});
    for (std::uint8_t root = 1; root <= 3; ++root) EXPECT_EQ(announce(1, root, 1), std::nullopt);
    EXPECT_EQ(announce(1, 4, 1), NoteRefusal::full) << "three batches";
    EXPECT_EQ(announce(2, 4, 1), std::nullopt);
    EXPECT_EQ(announce(2, 5, 1), std::nullopt);
    EXPECT_EQ(announce(2, 6, 1), NoteRefusal::full) << "five in all";
    EXPECT_EQ(announce(2, 1, 1), std::nullopt) << "that one is known";
}

TEST_F(BoardRootsTest, HoldWhatIsHereAlready)
{
    ASSERT_TRUE(store.create(batch.manifest, {}));
    ASSERT_EQ(announce(1), std::nullopt);
    ASSERT_TRUE(roots->hold(batch.root()));
    ASSERT_TRUE(roots->hold(Hash{})) << "not here";
    EXPECT_EQ(holders(), std::vector{lease_holder(order_of(1))});
}

TEST_F(BoardRootsTest, DoNotHoldMoreThanWasSaid)
{
    ASSERT_TRUE(store.create(batch.manifest, {}));
    ASSERT_EQ(roots->announce(order_of(1), {batch.root(), batch.manifest.bytes - 1, {}}),
              std::nullopt);
    ASSERT_TRUE(roots->hold(batch.root()));
    EXPECT_TRUE(holders().empty());
}

TEST_F(BoardRootsTest, LetGoOnceTheOrderIsOver)
{
    ASSERT_TRUE(store.create(batch.manifest, "operator"));
    ASSERT_EQ(announce(1), std::nullopt);
    ASSERT_EQ(announce(2), std::nullopt);
    ASSERT_TRUE(roots->hold(batch.root()));
    EXPECT_EQ(holders().size(), 3u);
    release({});
    EXPECT_EQ(holders().size(), 3u);
    release({lease_holder(order_of(1))});
    EXPECT_EQ(holders(), (std::vector<std::string>{lease_holder(order_of(2)), "operator"}));
    EXPECT_TRUE(roots->wants(batch.root())) << "the other order wants it still";
    release({lease_holder(order_of(2)), "operator"});
    EXPECT_EQ(holders(), std::vector<std::string>{"operator"});
    EXPECT_FALSE(roots->wants(batch.root()));
}

TEST_F(BoardRootsTest, GiveBackTheBytesOfAnOrderThatIsOver)
{
    open({1'000, 3, 1});
    ASSERT_EQ(announce(1, 1, 1'000), std::nullopt);
    ASSERT_EQ(announce(2, 2, 1), NoteRefusal::full);
    release({lease_holder(order_of(1))});
    EXPECT_EQ(announce(2, 2, 1), std::nullopt);
}

TEST_F(BoardRootsTest, WantAfterARestartWhatIsHeld)
{
    const auto holder = lease_holder(order_of(1));
    ASSERT_TRUE(store.create(batch.manifest, holder));
    ASSERT_TRUE(store.create(seal_batch(2, 1).manifest, "operator"));
    open({batch.manifest.bytes + 10, 2, 9});
    EXPECT_TRUE(roots->wants(batch.root()));
    EXPECT_TRUE(roots->takes(batch.manifest));
    EXPECT_EQ(announce(1, 7, 11), NoteRefusal::full) << "what is held counts";
    EXPECT_EQ(announce(1, Hash{}), std::nullopt) << "it is here: nothing to add";
    EXPECT_EQ(announce(1, 7, 10), std::nullopt);
    release({holder});
    EXPECT_TRUE(holders().empty());
    EXPECT_FALSE(roots->wants(batch.root()));
}

TEST_F(BoardRootsTest, AreOverWithAllOrdersOfTheirHolder)
{
    market::LeaseWorld world;
    const auto order = world.order(world.ordering());
    const auto over = [&](const std::string& holder) {
        return is_holder_over(world.view(), holder, {world.now_ms()});
    };
    EXPECT_FALSE(over(lease_holder(order)));
    EXPECT_TRUE(over(lease_holder(order_of(1)))) << "there is none";
    ASSERT_EQ(world.apply("tia", market::GpuCancel{market::GpuEntry::order, retag<Hash>(order)}),
              market::Rejection::none);
    EXPECT_TRUE(over(lease_holder(order)));
}

}  // namespace
}  // namespace node
