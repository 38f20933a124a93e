#include "ledger/state/state_tree.hpp"

#include "tests/support/naive_state.hpp"
#include "tests/unit/ledger/state/text_bytes.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace ledger {
namespace {

StateDiff numbered(int first, int last, std::string_view value = "v")
{
    StateDiff diff;
    for (int i = first; i < last; ++i) diff[b("key" + std::to_string(i))] = b(value);
    return diff;
}

/// SHA-256 of these two begin with the same 41 bits, of the third and fourth with 35.
const std::vector<Bytes> deep_keys = {b("k1077278"), b("k809937"), b("k2090203"), b("k1709925")};

struct StateTreeTest : ::testing::Test {
    MemoryTreeNodes nodes;
    StateTree tree{nodes};
    NaiveState naive;
    std::uint64_t height = 0;

    void apply(const StateDiff& diff)
    {
        naive.apply(diff);
        ASSERT_EQ(*tree.apply(Height{++height}, diff), naive.root());
    }
    void checkpoint() { nodes.apply(*tree.take_changes()); }
    /// How many nodes a tree with the same content needs.
    std::size_t nodes_needed() const
    {
        MemoryTreeNodes fresh;
        StateTree same{fresh};
        StateDiff all;
        for (const auto& [key, value] : naive.entries()) all[key] = value;
        EXPECT_TRUE(same.apply(Height{1}, all));
        fresh.apply(*same.take_changes());
        return fresh.size();
    }
};

TEST_F(StateTreeTest, IsEmptyAtFirstAndWhenTheLastKeyIsGone)
{
    EXPECT_EQ(tree.head().root(), empty_state_root());
    apply(numbered(0, 1));
    EXPECT_NE(tree.head().root(), empty_state_root());
    apply({{b("key0"), std::nullopt}});
    EXPECT_EQ(tree.head().root(), empty_state_root());
    checkpoint();
    EXPECT_EQ(nodes.size(), 1U) << "the empty root";
}

TEST_F(StateTreeTest, HasTheRootOfItsContentHoweverItCameAbout)
{
    apply(numbered(0, 300));
    const auto all_at_once = tree.head().root();
    StateTree one_by_one{nodes};
    for (int i = 299; i >= 0; --i) {
        ASSERT_TRUE(one_by_one.apply(Height{1}, numbered(i, i + 1, "w")));
        ASSERT_TRUE(one_by_one.apply(Height{1}, numbered(i, i + 1)));
    }
    EXPECT_EQ(one_by_one.head().root(), all_at_once);
}

TEST_F(StateTreeTest, CollapsesWhereKeysGoEvenFarDown)
{
    for (const auto& key : deep_keys) apply({{key, b("x")}});
    EXPECT_EQ(tree.prove(deep_keys[0])->siblings.size(), 42U);
    EXPECT_EQ(tree.prove(deep_keys[2])->siblings.size(), 36U);
    checkpoint();
    EXPECT_EQ(nodes.size(), nodes_needed());
    apply({{deep_keys[1], std::nullopt}});
    checkpoint();
    EXPECT_EQ(nodes.size(), nodes_needed());
    EXPECT_LT(tree.prove(deep_keys[0])->siblings.size(), 32U);
    apply({{deep_keys[0], std::nullopt}, {deep_keys[3], std::nullopt}});
    EXPECT_EQ(tree.prove(deep_keys[2])->siblings.size(), 0U);
    checkpoint();
    EXPECT_EQ(nodes.size(), 1U);
}

TEST_F(StateTreeTest, DoesNotMoveWhenValuesStayAndAbsentKeysAreRemoved)
{
    apply(numbered(0, 100));
    checkpoint();
    apply(numbered(20, 60));
    apply({{b("nobody"), std::nullopt}});
    const auto changes = *tree.take_changes();
    EXPECT_EQ(changes.nodes.size(), 1U) << "only the root, which every checkpoint writes";
    EXPECT_EQ(changes.stale.size(), 1U);
}

TEST_F(StateTreeTest, WritesOnlyWhatSurvivesUntilTheCheckpoint)
{
    apply(numbered(0, 1000));
    checkpoint();
    for (int i = 0; i < 50; ++i) apply(numbered(7, 8, std::to_string(i)));
    const auto changes = *tree.take_changes();
    EXPECT_LE(changes.nodes.size(), 5U);
    EXPECT_EQ(changes.stale.size(), changes.nodes.size());
    nodes.apply(changes);
    EXPECT_EQ(nodes.size(), nodes_needed());
    EXPECT_TRUE(tree.take_changes()->nodes.empty()) << "no block came since";

    apply(numbered(5000, 5010));
    for (int i = 5000; i < 5010; ++i) apply({{b("key" + std::to_string(i)), std::nullopt}});
    checkpoint();
    EXPECT_EQ(nodes.size(), nodes_needed()) << "keys that came and went leave nothing";
}

TEST_F(StateTreeTest, GoesOnFromACheckpointAsIfNothingHadHappened)
{
    apply(numbered(0, 500));
    checkpoint();
    for (int round = 0; round < 10; ++round) {
        auto opened = StateTree::open(nodes, tree.head().version(), tree.head().root(),
                                      {.cache_bytes = 0, .run_all = {}});
        ASSERT_TRUE(opened);
        tree = std::move(*opened);
        apply(numbered(round * 60, round * 60 + 90, std::to_string(round)));
        apply({{b("key" + std::to_string(round)), std::nullopt}});
        checkpoint();
        ASSERT_EQ(nodes.size(), nodes_needed());
    }
}

TEST_F(StateTreeTest, KeepsTheCacheWithinItsBudget)
{
    constexpr std::size_t budget = 16 * 20'000;
    tree = StateTree{nodes, {.cache_bytes = budget, .run_all = {}}};
    apply(numbered(0, 100'000));
    checkpoint();
    EXPECT_GT(tree.cached_bytes(), budget / 2);
    for (int i = 0; i < 500; ++i) {
        ASSERT_TRUE(tree.prove(b("key" + std::to_string(i * 97))));
        ASSERT_LE(tree.cached_bytes(), budget);
    }
}

TEST_F(StateTreeTest, BranchesWithoutTouchingTheHead)
{
    apply(numbered(0, 200));
    checkpoint();
    apply(numbered(100, 250, "w"));
    const auto at_tip = tree.head();
    const auto left = *tree.ahead(at_tip, Height{10}, numbered(0, 5, "left"));
    const auto right = *tree.ahead(at_tip, Height{10}, numbered(190, 300, "right"));
    const auto further = *tree.ahead(right, Height{11}, {{b("key1"), std::nullopt}});
    EXPECT_EQ(tree.head().root(), naive.root());

    // A checkpoint in between: the branch was made of nodes that had no version then.
    checkpoint();
    tree.adopt(right);
    tree.adopt(further);
    naive.apply(numbered(190, 300, "right"));
    naive.apply({{b("key1"), std::nullopt}});
    EXPECT_EQ(tree.head().root(), naive.root());
    EXPECT_NE(left.root(), right.root());
    checkpoint();
    EXPECT_EQ(nodes.size(), nodes_needed()) << "nothing of the other branch, nothing left behind";
    const auto opened = StateTree::open(nodes, Height{11}, naive.root());
    EXPECT_TRUE(opened);
}

TEST_F(StateTreeTest, GivesTheSameRootOnManyThreads)
{
    const auto on_threads = [](std::vector<std::function<void()>> tasks) {
        std::vector<std::jthread> threads;
        for (auto& task : tasks) threads.emplace_back(std::move(task));
    };
    tree = StateTree{nodes, {.cache_bytes = 1 << 20, .run_all = on_threads}};
    for (int round = 0; round < 5; ++round) {
        apply(numbered(round * 500, round * 500 + 1500, std::to_string(round)));
        checkpoint();
    }
    EXPECT_EQ(nodes.size(), nodes_needed());

    unsigned handed_out = 0;
    tree.run_with([&](std::vector<std::function<void()>> tasks) {
        ++handed_out;
        on_threads(std::move(tasks));
    });
    apply(numbered(0, 1500, "again"));
    EXPECT_GT(handed_out, 0U);
    handed_out = 0;
    tree.run_with({});
    apply(numbered(0, 1500, "alone"));
    EXPECT_EQ(handed_out, 0U);
}

TEST_F(StateTreeTest, ProvesKeysUnderOldCheckpoints)
{
    apply(numbered(0, 50, "old"));
    const auto old = *tree.take_changes();
    nodes.apply(old, false);
    apply(numbered(0, 80, "new"));
    nodes.apply(*tree.take_changes(), false);

    const auto then = *prove_at(nodes, old.version, old.root, b("key7"));
    EXPECT_TRUE(verify(old.root, b("key7"), b("old"), then));
    EXPECT_FALSE(verify(tree.head().root(), b("key7"), b("old"), then));
    const auto absent = *prove_at(nodes, old.version, old.root, b("key70"));
    EXPECT_TRUE(verify(old.root, b("key70"), std::nullopt, absent));
    EXPECT_EQ(*tree.prove(b("key7")),
              *prove_at(nodes, tree.head().version(), tree.head().root(), b("key7")));
}

TEST_F(StateTreeTest, RefusesStoredNodesThatChangedOnTheDisk)
{
    apply(numbered(0, 40));
    const auto saved = *tree.take_changes();
    for (const auto& [key, bytes] : saved.nodes) {
        for (std::size_t i = 0; i<bytes.size(); i += bytes.size()> 100 ? 37 : 1) {
            auto wrong = saved;
            wrong.nodes[key][i] ^= 0x10;
            MemoryTreeNodes broken;
            broken.apply(wrong);
            auto opened = StateTree::open(broken, saved.version, saved.root);
            Result<Hash> root = opened ? opened->apply(Height{2}, numbered(0, 40, "w"))
                                       : Result<Hash>{opened.error()};
            // A changed child version names a node that is not there.
            ASSERT_FALSE(root);
            ASSERT_EQ(root.error().kind, ErrorKind::corrupt);
        }
    }
}

TEST_F(StateTreeTest, IsUnchangedWhenTheDiskFails)
{
    struct Failing : TreeNodes {
        const TreeNodes& below;
        bool failing = false;
        explicit Failing(const TreeNodes& nodes) : below{nodes} {}
        Result<std::optional<Bytes>> node(ByteView key) const override
        {
            if (failing) return Error{ErrorKind::io, "no disk"};
            return below.node(key);
        }
    };
    apply(numbered(0, 500));
    checkpoint();
    Failing disk{nodes};
    auto opened = *StateTree::open(disk, tree.head().version(), tree.head().root());
    disk.failing = true;
    EXPECT_EQ(opened.apply(Height{2}, numbered(0, 9, "w")).error().kind, ErrorKind::io);
    EXPECT_EQ(opened.prove(b("key3")).error().kind, ErrorKind::io);
    EXPECT_EQ(opened.head().root(), tree.head().root());
    disk.failing = false;
    naive.apply(numbered(0, 9, "w"));
    EXPECT_EQ(*opened.apply(Height{2}, numbered(0, 9, "w")), naive.root());
}

}  // namespace
}  // namespace ledger
