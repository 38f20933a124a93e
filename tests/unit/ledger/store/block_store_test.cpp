#include "ledger/state/history.hpp"
#include "ledger/state/state_tree.hpp"
#include "ledger/store/store_nodes.hpp"
#include "tests/unit/ledger/store/block_store_fixture.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

namespace ledger {
namespace {

TEST_P(BlockStoreTest, HasNothingBeforeGenesis)
{
    EXPECT_EQ(store->tip(), std::nullopt);
    EXPECT_EQ(store->applied_seq(), 0U);
    EXPECT_EQ(store->last_checkpoint(), std::nullopt);
    EXPECT_EQ(store->block({0}).error().kind, ErrorKind::not_found);
    EXPECT_EQ(store->height_of(numbered<BlockId>(0, 1)).error().kind, ErrorKind::not_found);
    EXPECT_EQ(store->find_tx(numbered<TxId>(0, 2)).error().kind, ErrorKind::not_found);
    EXPECT_EQ(store->state_at(as_bytes("a"), {0}).error().kind, ErrorKind::not_found);
    EXPECT_EQ(store->state().get(as_bytes("a")), std::nullopt);
    EXPECT_EQ(*store->tree_node(as_bytes("n")), std::nullopt);
    EXPECT_EQ(*store->get_meta("name"), std::nullopt);
}

TEST_P(BlockStoreTest, FindsABlockByHeightAndIdAndATransactionByItsId)
{
    add_through(3);
    EXPECT_EQ(store->tip(), Height{3});
    EXPECT_EQ(store->applied_seq(), 4U);
    for (std::uint64_t height = 0; height <= 3; ++height) {
        EXPECT_EQ(*store->block({height}), numbered_block(height).block);
        EXPECT_EQ(*store->height_of(numbered<BlockId>(height, 1)), Height{height});
        EXPECT_EQ(*store->find_tx(numbered<TxId>(2 * height + 1, 2)), (TxLocation{{height}, 1}));
    }
    EXPECT_EQ(store->block({4}).error().kind, ErrorKind::not_found);
}

TEST_P(BlockStoreTest, KeepsEmptyPartsApart)
{
    BlockCommit bare{{{0}, numbered<BlockId>(0, 1), {}, {}, {}, bytes_of("c")}, {}, {}, 1};
    ASSERT_TRUE(store->append(bare));
    EXPECT_EQ(*store->block({0}), bare.block);
}

TEST_P(BlockStoreTest, AppliesTheChangesOfABlockToTheState)
{
    add(0, {{bytes_of("a"), bytes_of("1")}, {bytes_of("b"), bytes_of("2")}});
    add(1,
        {{bytes_of("a"), std::nullopt}, {bytes_of("b"), Bytes{}}, {bytes_of("c"), std::nullopt}});
    EXPECT_EQ(store->state().get(as_bytes("a")), std::nullopt);
    EXPECT_EQ(store->state().get(as_bytes("b")), Bytes{});
    EXPECT_EQ(store->state().get(as_bytes("c")), std::nullopt);
    EXPECT_EQ(store->state().get(as_bytes("")), std::nullopt);
}

TEST_P(BlockStoreTest, ShowsTheNewestValueAlsoOfAKeyReadBefore)
{
    add(0, {{bytes_of("a"), bytes_of("1")}});
    EXPECT_EQ(store->state().get(as_bytes("a")), bytes_of("1"));
    EXPECT_EQ(store->state().get(as_bytes("b")), std::nullopt);
    add(1, {{bytes_of("a"), bytes_of("2")}, {bytes_of("b"), bytes_of("3")}});
    EXPECT_EQ(store->state().get(as_bytes("a")), bytes_of("2"));
    EXPECT_EQ(store->state().get(as_bytes("b")), bytes_of("3"));
    EXPECT_EQ(*store->state_at(as_bytes("a"), {0}), bytes_of("1"));
    add(2, {{bytes_of("a"), std::nullopt}});
    EXPECT_EQ(store->state().get(as_bytes("a")), std::nullopt);
    EXPECT_EQ(*store->state_at(as_bytes("a"), {1}), bytes_of("2"));
}

TEST_P(BlockStoreTest, ScansInBytewiseOrderWithinThePrefix)
{
    add(0, {{bytes_of("k\x7f"), bytes_of("1")},
            {bytes_of("k\x80"), bytes_of("2")},
            {bytes_of("k"), bytes_of("0")},
            {bytes_of("j"), bytes_of("x")},
            {bytes_of("l"), bytes_of("y")},
            {bytes_of("\xff\xff"), bytes_of("z")}});
    const auto& view = store->state();
    EXPECT_EQ(listing(view, "k", "k"), "k=0 k\x7f=1 k\x80=2 ");
    EXPECT_EQ(listing(view, "k", std::string_view{"k\0", 2}), "k\x7f=1 k\x80=2 ");
    EXPECT_EQ(listing(view, "k", "a"), "k=0 k\x7f=1 k\x80=2 ");
    EXPECT_EQ(listing(view, "k", "z"), "");
    EXPECT_EQ(listing(view, "\xff", "\xff"), "\xff\xff=z ");
    int visits = 0;
    view.scan({}, [&](ByteView, ByteView) { return ++visits < 2; });
    EXPECT_EQ(visits, 2);
}

TEST_P(BlockStoreTest, SnapshotStaysWhileTheTipMovesOn)
{
    add(0, {{bytes_of("a"), bytes_of("old")}, {bytes_of("b"), bytes_of("gone soon")}});
    const auto before = store->snapshot();
    ASSERT_TRUE(before);
    add(1, {{bytes_of("a"), bytes_of("new")}, {bytes_of("b"), std::nullopt}});
    EXPECT_EQ((*before)->get(as_bytes("a")), bytes_of("old"));
    EXPECT_EQ(listing(**before, "", ""), "a=old b=gone soon ");
    EXPECT_EQ(listing(store->state(), "", ""), "a=new ");
}

TEST_P(BlockStoreTest, TellsWhatAKeyHeldAtEachKeptHeight)
{
    add(0, {{bytes_of("a"), bytes_of("0")}, {bytes_of("ab"), bytes_of("other")}});
    add(1);
    add(2, {{bytes_of("a"), bytes_of("2")}});
    add(3, {{bytes_of("a"), std::nullopt}, {bytes_of("a\xff"), bytes_of("near")}});
    EXPECT_EQ(at("a", 0), bytes_of("0"));
    EXPECT_EQ(at("a", 1), bytes_of("0"));
    EXPECT_EQ(at("a", 2), bytes_of("2"));
    EXPECT_EQ(at("a", 3), std::nullopt);
    EXPECT_EQ(at("a\xff", 2), std::nullopt);
    EXPECT_EQ(at("a\xff", 3), bytes_of("near"));
    EXPECT_EQ(at("ab", 0), bytes_of("other"));
    EXPECT_EQ(at("never", 1), std::nullopt);
    add(4);
    EXPECT_EQ(store->state_at(as_bytes("a"), {0}).error().kind, ErrorKind::not_found);
    EXPECT_EQ(store->state_at(as_bytes("a"), {5}).error().kind, ErrorKind::not_found);
    EXPECT_EQ(at("a", 1), bytes_of("0"));
}

TEST_P(BlockStoreTest, CompactionLeavesTheHistoryThatIsKept)
{
    options.keep_versions = 50;
    options.write_buffer_bytes = 1 << 16;  // so that RocksDB flushes and compacts all the time
    reopen();
    const auto value = [](std::uint64_t height) {
        return Bytes(4000, static_cast<std::uint8_t>(height));
    };
    for (std::uint64_t height = 0; height < 600; ++height) {
        add(height, {{bytes_of("a"), value(height)}, {bytes_of("b"), value(height / 7)}});
        if (height % 20 != 19) continue;
        ASSERT_TRUE(store->checkpoint({{}, {}, {height}, {}}, height + 1));
        for (auto at_height = height < 50 ? 0 : height - 50; at_height <= height; ++at_height) {
            ASSERT_EQ(at("a", at_height), value(at_height)) << at_height << " from " << height;
            ASSERT_EQ(at("b", at_height), value(at_height / 7)) << at_height << " from " << height;
        }
    }
}

TEST_P(BlockStoreTest, DropsTreeNodesOnlyOnceNoKeptVersionNeedsThem)
{
    add_through(1);
    ASSERT_TRUE(store->checkpoint({{{bytes_of("n1"), bytes_of("node")}}, {}, {1}, {}}, 2));
    add_through(2);
    ASSERT_TRUE(store->checkpoint(
        {{{bytes_of("n2"), bytes_of("newer")}}, {bytes_of("n1")}, {2}, numbered<Hash>(7)}, 3));
    EXPECT_EQ(store->last_checkpoint(), (Checkpoint{{2}, numbered<Hash>(7), 3}));
    EXPECT_EQ(*store->tree_node(as_bytes("n1")), bytes_of("node"));
    add_through(4);
    ASSERT_TRUE(store->checkpoint({{}, {}, {4}, {}}, 5));
    EXPECT_EQ(*store->tree_node(as_bytes("n1")), bytes_of("node")) << "version 1 is kept";
    add_through(5);
    ASSERT_TRUE(store->checkpoint({{}, {}, {5}, {}}, 6));
    EXPECT_EQ(*store->tree_node(as_bytes("n1")), std::nullopt);
    EXPECT_EQ(*store->tree_node(as_bytes("n2")), bytes_of("newer"));
}

TEST_P(BlockStoreTest, KeepsTheHistoryTreesNodes)
{
    HistoryTree tree;
    std::map<std::pair<std::uint8_t, std::uint64_t>, Hash> expected;
    for (std::uint64_t height = 0; height < 9; ++height) {
        auto commit = numbered_block(height);
        commit.history = tree.append(commit.block.id);
        for (const auto& node : commit.history) expected[{node.level, node.index}] = node.hash;
        ASSERT_TRUE(store->append(commit));
    }
    ASSERT_GT(expected.size(), 9U);
    for (const auto& [where, hash] : expected) {
        EXPECT_EQ(*store->history_node(where.first, where.second), hash);
    }
    EXPECT_EQ(*store->history_node(3, 1), std::nullopt);
    EXPECT_EQ(*store->block({8}), numbered_block(8).block);
}

TEST_P(BlockStoreTest, CarriesAStateTreeOverARestart)
{
    if (!GetParam().survives_restart) GTEST_SKIP() << "memory forgets";
    Hash root;
    {
        const StoreNodes nodes{*store};
        StateTree tree{nodes};
        for (std::uint64_t height = 0; height < 5; ++height) {
            const StateDiff changes{{bytes_of("a"), bytes_of(std::to_string(height))},
                                    {bytes_of("b" + std::to_string(height)), bytes_of("2")}};
            ASSERT_TRUE(tree.apply({height}, changes));
            add(height, changes);
            const auto saved = tree.take_changes();
            ASSERT_TRUE(saved);
            ASSERT_TRUE(store->checkpoint(*saved, height + 1));
        }
        root = tree.head().root();
    }
    reopen();
    const auto saved = store->last_checkpoint();
    ASSERT_TRUE(saved);
    EXPECT_EQ(saved->root, root);
    const StoreNodes nodes{*store};
    auto tree = StateTree::open(nodes, saved->height, saved->root);
    ASSERT_TRUE(tree) << tree.error().detail;
    EXPECT_TRUE(tree->prove(as_bytes("b3")));
    EXPECT_TRUE(tree->apply({5}, {{bytes_of("a"), std::nullopt}}));
}

TEST_P(BlockStoreTest, ArchiveKeepsEverything)
{
    options.archive = true;
    reopen();
    add(0, {{bytes_of("a"), bytes_of("0")}});
    ASSERT_TRUE(store->checkpoint({{{bytes_of("n"), bytes_of("node")}}, {}, {0}, {}}, 1));
    add(1, {{bytes_of("a"), bytes_of("1")}});
    ASSERT_TRUE(store->checkpoint({{}, {bytes_of("n")}, {1}, {}}, 2));
    add_through(9);
    ASSERT_TRUE(store->checkpoint({{}, {}, {9}, {}}, 10));
    EXPECT_EQ(at("a", 0), bytes_of("0"));
    EXPECT_EQ(*store->tree_node(as_bytes("n")), bytes_of("node"));
}

TEST_P(BlockStoreTest, KeepsSmallThingsByName)
{
    ASSERT_TRUE(store->put_meta("identity", as_bytes("one")));
    ASSERT_TRUE(store->put_meta("identity", as_bytes("two")));
    EXPECT_EQ(*store->get_meta("identity"), bytes_of("two"));
    EXPECT_EQ(*store->get_meta("identit"), std::nullopt);
}

TEST_P(BlockStoreTest, ReopensAsItWas)
{
    if (!GetParam().survives_restart) GTEST_SKIP() << "memory forgets";
    add(0, {{bytes_of("a"), bytes_of("0")}});
    add(1, {{bytes_of("a"), bytes_of("1")}});
    ASSERT_TRUE(
        store->checkpoint({{{bytes_of("n"), bytes_of("node")}}, {}, {1}, numbered<Hash>(9)}, 2));
    ASSERT_TRUE(store->put_meta("identity", as_bytes("me")));
    add(2, {{bytes_of("b"), bytes_of("2")}});
    reopen();
    ASSERT_TRUE(store);
    EXPECT_EQ(store->tip(), Height{2});
    EXPECT_EQ(store->applied_seq(), 3U);
    EXPECT_EQ(store->last_checkpoint(), (Checkpoint{{1}, numbered<Hash>(9), 2}));
    EXPECT_EQ(*store->block({1}), numbered_block(1).block);
    EXPECT_EQ(listing(store->state(), "", ""), "a=1 b=2 ");
    EXPECT_EQ(at("a", 0), bytes_of("0"));
    EXPECT_EQ(*store->tree_node(as_bytes("n")), bytes_of("node"));
    EXPECT_EQ(*store->get_meta("identity"), bytes_of("me"));
    EXPECT_TRUE(store->verify_files());
    add_through(3);
}

TEST_P(BlockStoreTest, ReadersSeeWholeBlocksWhileOthersAreAppended)
{
    // Each block sets both keys to its height: a reader must never see them differ.
    std::atomic<bool> ended = false;
    std::atomic<int> torn = 0;
    std::atomic<int> reads = 0;
    std::thread reader{[&] {
        while (!ended || reads == 0) {
            const auto view = store->snapshot();
            if (!view || (*view)->get(as_bytes("a")) != (*view)->get(as_bytes("z"))) ++torn;
            const auto tip = store->tip();
            if (tip && !store->block(*tip)) ++torn;
            ++reads;
        }
    }};
    for (std::uint64_t height = 0; height < 200; ++height) {
        const auto value = bytes_of(std::to_string(height));
        add(height, {{bytes_of("a"), value}, {bytes_of("z"), value}});
    }
    ended = true;
    reader.join();
    EXPECT_EQ(torn, 0);
}

INSTANTIATE_TEST_SUITE_P(Stores, BlockStoreTest, every_store,
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace ledger
