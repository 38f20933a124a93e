#include "ledger/crypto/hash.hpp"
#include "ledger/state/history.hpp"
#include "ledger/state/state_tree.hpp"
#include "ledger/state/tree_builder.hpp"
#include "ledger/store/store_nodes.hpp"
#include "tests/unit/ledger/store/block_store_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace ledger {
namespace {

/// Stores that begin above genesis, and stores that drop old blocks.
struct StoreBaseTest : BlockStoreTest {
    /// A base at height 100 over two entries.
    StoreBase fill()
    {
        const StateDiff state{{bytes_of("a"), bytes_of("1")}, {bytes_of("b"), bytes_of("2")}};
        std::vector<std::pair<Hash, Hash>> leaves;
        StorePart part;
        for (const auto& [key, value] : state) {
            part.entries.emplace_back(key, *value);
            leaves.emplace_back(sha256(key), sha256(*value));
        }
        std::ranges::sort(leaves);
        TreeBuilder builder{{100}, [&](Bytes key, Bytes node) {
                                part.nodes.emplace_back(std::move(key), std::move(node));
                            }};
        for (const auto& [key, value] : leaves) EXPECT_TRUE(builder.add(key, value));
        StoreBase base{numbered_block(0).block, numbered_block(100).block, builder.finish(), {}};
        base.block.body.clear();
        base.block.receipts.clear();
        for (std::uint64_t height = 0; height <= 100; ++height)
            base.history.append(numbered<BlockId>(height, 1));
        StorePart rest;
        rest.entries.push_back(part.entries.back());
        part.entries.pop_back();
        EXPECT_TRUE(store->load(part));
        EXPECT_TRUE(store->load(rest));
        return base;
    }

    void checkpoint(std::uint64_t height)
    {
        ASSERT_TRUE(store->checkpoint({{}, {}, {height}, {}}, store->applied_seq()));
    }

    void expect_pruned(std::uint64_t height)
    {
        for (const auto& error : {store->block({height}).error(),
                                  store->height_of(numbered<BlockId>(height, 1)).error(),
                                  store->find_tx(numbered<TxId>(2 * height, 2)).error()}) {
            EXPECT_EQ(error.kind, ErrorKind::not_found) << height;
        }
        const auto detail = store->block({height}).error().detail;
        EXPECT_NE(detail.find("pruned"), std::string::npos) << detail;
    }

    void expect_kept(std::uint64_t height)
    {
        const auto block = store->block({height});
        ASSERT_TRUE(block) << height << ": " << block.error().detail;
        EXPECT_EQ(*block, numbered_block(height).block);
        EXPECT_EQ(*store->height_of(numbered<BlockId>(height, 1)), Height{height});
        EXPECT_TRUE(store->find_tx(numbered<TxId>(2 * height, 2))) << height;
    }
};

TEST_P(StoreBaseTest, HasNoBaseBeforeGenesisAndBeginsAtIt)
{
    EXPECT_EQ(store->base(), std::nullopt);
    add_through(3);
    checkpoint(3);
    EXPECT_EQ(store->base(), Height{0});
}

TEST_P(StoreBaseTest, BeginsAtABaseWithItsStateItsTreeAndItsHistory)
{
    const auto base = fill();
    EXPECT_EQ(store->tip(), std::nullopt);
    ASSERT_TRUE(store->begin(base));
    if (GetParam().survives_restart) reopen();
    EXPECT_EQ(store->tip(), Height{100});
    EXPECT_EQ(store->base(), Height{100});
    EXPECT_EQ(store->last_checkpoint(), (Checkpoint{{100}, base.root, 0}));
    EXPECT_EQ(*store->block({0}), base.genesis);
    EXPECT_EQ(*store->block({100}), base.block);
    EXPECT_FALSE(has_body(*store->block({100})));
    EXPECT_EQ(*store->height_of(base.block.id), Height{100});
    EXPECT_EQ(*store->height_of(base.genesis.id), Height{0});
    expect_pruned(1);
    expect_pruned(99);
    EXPECT_EQ(store->block({101}).error().kind, ErrorKind::not_found);
    EXPECT_EQ(listing(store->state(), "", ""), "a=1 b=2 ");
    EXPECT_EQ(at("a", 100), bytes_of("1"));
    EXPECT_EQ(store->state_at(as_bytes("a"), {99}).error().kind, ErrorKind::not_found);
    EXPECT_EQ(HistoryTree::decode(**store->get_meta(frontier_meta))->root(), base.history.root());
    for (const auto& node : base.history.frontier())
        EXPECT_EQ(*store->history_node(node.level, node.index), node.hash);
}

TEST_P(StoreBaseTest, GoesOnFromABaseLikeAnyStore)
{
    const auto base = fill();
    ASSERT_TRUE(store->begin(base));
    const StoreNodes nodes{*store};
    auto tree = StateTree::open(nodes, {100}, base.root);
    ASSERT_TRUE(tree) << tree.error().detail;
    for (std::uint64_t height = 101; height <= 103; ++height) {
        const StateDiff changes{{bytes_of("a"), bytes_of(std::to_string(height))}};
        ASSERT_TRUE(tree->apply({height}, changes));
        add(height, changes);
    }
    ASSERT_TRUE(store->checkpoint(*tree->take_changes(), store->applied_seq()));
    if (GetParam().survives_restart) reopen();
    EXPECT_EQ(at("a", 102), bytes_of("102"));
    EXPECT_EQ(at("a", 100), bytes_of("1"));
    EXPECT_EQ(at("b", 103), bytes_of("2"));
    expect_kept(103);
    EXPECT_EQ(store->base(), Height{100});
}

TEST_P(StoreBaseTest, KeepsEveryBlockWithoutALimitAndInAnArchive)
{
    for (const bool archive : {false, true}) {
        options.archive = archive;
        options.keep_blocks = archive ? 2 : 0;
        reopen();
        if (!store->tip()) add_through(0);
        add_through(store->tip()->value + 30);
        checkpoint(store->tip()->value);
        EXPECT_EQ(store->base(), Height{0});
        expect_kept(1);
    }
}

TEST_P(StoreBaseTest, DropsBlocksBeyondItsLimitAtCheckpointsButNeverBlockZero)
{
    options.keep_blocks = 5;
    reopen();
    add_through(20);
    expect_kept(1);
    checkpoint(20);
    EXPECT_EQ(store->base(), Height{16});
    for (std::uint64_t height = 1; height < 16; ++height) expect_pruned(height);
    for (std::uint64_t height = 16; height <= 20; ++height) expect_kept(height);
    expect_kept(0);
    if (GetParam().survives_restart) reopen();
    EXPECT_TRUE(store->verify_files());
    add_through(30);
    EXPECT_EQ(store->base(), Height{16});
    checkpoint(30);
    EXPECT_EQ(store->base(), Height{26});
    expect_pruned(16);
    expect_pruned(25);
    expect_kept(26);
    expect_kept(0);
}

TEST_P(StoreBaseTest, KeepsTheBlocksSinceTheCheckpointWhateverItsLimit)
{
    options.keep_blocks = 2;
    reopen();
    add_through(20);
    ASSERT_TRUE(store->checkpoint({{}, {}, {10}, {}}, 11));
    EXPECT_EQ(store->base(), Height{10});
    for (std::uint64_t height = 10; height <= 20; ++height) expect_kept(height);
    expect_pruned(9);
}

TEST_P(StoreBaseTest, DropsInStepsOfAnEighthOfWhatItKeeps)
{
    options.keep_blocks = 80;
    reopen();
    add_through(85);
    checkpoint(85);
    EXPECT_EQ(store->base(), Height{0});
    add_through(88);
    checkpoint(88);
    EXPECT_EQ(store->base(), Height{0});
    add_through(89);
    checkpoint(89);
    EXPECT_EQ(store->base(), Height{10});
    expect_pruned(9);
    expect_kept(10);
}

TEST_P(StoreBaseTest, ABaseWithoutABodyIsDroppedLikeAnyBlock)
{
    options.keep_blocks = 3;
    reopen();
    ASSERT_TRUE(store->begin(fill()));
    for (std::uint64_t height = 101; height <= 110; ++height) add(height);
    checkpoint(110);
    EXPECT_EQ(store->base(), Height{108});
    expect_pruned(100);
    expect_kept(108);
    EXPECT_TRUE(store->block({0}));
}

TEST_P(StoreBaseTest, AReaderSeesABlockWholeOrPrunedWhileOthersAreDropped)
{
    options.keep_blocks = 3;
    reopen();
    add_through(0);
    std::atomic<bool> ended = false;
    std::atomic<int> wrong = 0;
    std::thread reader{[&] {
        while (!ended) {
            for (auto height = store->base()->value; height <= store->tip()->value; ++height) {
                const auto block = store->block({height});
                if (!block ? block.error().kind != ErrorKind::not_found
                           : *block != numbered_block(height).block)
                    ++wrong;
            }
        }
    }};
    for (std::uint64_t height = 1; height < 300; ++height) {
        add(height);
        if (height % 4 == 0) checkpoint(height);
    }
    ended = true;
    reader.join();
    EXPECT_EQ(wrong, 0);
}

TEST(RocksPruning, GivesTheDiskBack)
{
    TemporaryFolder folder;
    const auto size = [&] {
        std::uintmax_t bytes = 0;
        for (const auto& file : std::filesystem::recursive_directory_iterator{folder.path()})
            if (file.path().extension() == ".sst") bytes += file.file_size();
        return bytes;
    };
    const StoreOptions options{.keep_versions = 8,
                               .keep_blocks = 16,
                               .cache_bytes = 1 << 20,
                               .write_buffer_bytes = 1 << 18};
    auto store = open_rocks_at(folder.path(), options);
    for (std::uint64_t height = 0; height < 800; ++height) {
        auto commit = numbered_block(height);
        commit.block.body.assign(20'000, static_cast<std::uint8_t>(height));
        ASSERT_TRUE(store->append(commit));
        if (height % 16 == 15) {
            ASSERT_TRUE(store->checkpoint({{}, {}, {height}, {}}, height + 1));
        }
    }
    EXPECT_EQ(store->base(), Height{784});
    EXPECT_LT(size(), 800U * 20'000U / 3) << "16 MB were written, a third of a MB is kept";
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreBaseTest, every_store,
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace ledger
