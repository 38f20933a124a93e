#include "ledger/state/history.hpp"

#include "ledger/crypto/hash.hpp"
#include "ledger/crypto/merkle.hpp"

#include <gtest/gtest.h>

#include <map>

namespace ledger {
namespace {

BlockId block(std::uint64_t height)
{
    BlockId id;
    for (std::size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<std::uint8_t>(height >> 8 * i);
    return id;
}

/// The nodes from level 1 on, as a store would keep them, and the leaves from the ids.
struct StoredNodes : HistoryNodes {
    std::map<std::pair<std::uint8_t, std::uint64_t>, Hash> stored;
    mutable int reads = 0;
    Result<Hash> node(std::uint8_t level, std::uint64_t index) const override
    {
        ++reads;
        if (level == 0) return merkle_leaf(block(index).view());
        const auto at = stored.find({level, index});
        if (at == stored.end()) return Error{ErrorKind::not_found, "no such node"};
        return at->second;
    }
};

struct HistoryTest : ::testing::Test {
    HistoryTree tree;
    StoredNodes nodes;
    std::vector<Hash> leaves;
    void grow_to(std::uint64_t size)
    {
        while (tree.size() < size) {
            leaves.push_back(merkle_leaf(block(tree.size()).view()));
            for (const auto& made : tree.append(block(tree.size()))) {
                if (made.level > 0) nodes.stored[{made.level, made.index}] = made.hash;
            }
        }
    }
};

TEST_F(HistoryTest, HasTheTreeHeadOfRfc6962AtEverySize)
{
    EXPECT_EQ(tree.root(), sha256({}));
    for (std::uint64_t size = 1; size <= 130; ++size) {
        grow_to(size);
        ASSERT_EQ(tree.root(), merkle_root(leaves)) << size;
    }
    EXPECT_LT(nodes.stored.size(), 130U) << "at most one node for each block";
}

TEST_F(HistoryTest, NamesTheCompleteSubtreesOfItsFrontier)
{
    for (std::uint64_t size = 1; size <= 130; ++size) {
        grow_to(size);
        std::uint64_t first = 0;
        for (const auto& node : tree.frontier()) {
            ASSERT_EQ(node.index << node.level, first) << size;
            ASSERT_EQ(node.hash, *nodes.node(node.level, node.index)) << size;
            first += std::uint64_t{1} << node.level;
        }
        ASSERT_EQ(first, size);
    }
    EXPECT_TRUE(HistoryTree{}.frontier().empty());
}

TEST_F(HistoryTest, ProvesEveryBlockUnderEveryLaterRoot)
{
    std::vector<Hash> roots = {tree.root()};
    for (std::uint64_t size = 1; size <= 70; ++size) {
        grow_to(size);
        roots.push_back(tree.root());
    }
    const HistoryFromIds from_ids{[](std::uint64_t height) { return block(height); }};
    for (std::uint64_t count = 1; count <= 70; ++count) {
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto path = *history_path(nodes, i, count);
            ASSERT_EQ(path, *history_path(from_ids, i, count));
            ASSERT_EQ(path, merkle_path(std::span{leaves}.first(count), i));
            ASSERT_TRUE(merkle_verify(roots[count], leaves[i], i, count, path));
            ASSERT_FALSE(merkle_verify(roots[count], leaves[i], i + 1, count, path));
            ASSERT_FALSE(merkle_verify(roots[count - 1], leaves[i], i, count, path));
        }
    }
    EXPECT_EQ(history_path(nodes, 70, 70).error().kind, ErrorKind::invalid);
    EXPECT_EQ(history_path(nodes, 0, 0).error().kind, ErrorKind::invalid);
}

TEST_F(HistoryTest, ReadsFewNodesForAnOldBlock)
{
    grow_to(10'000);
    nodes.reads = 0;
    const auto path = *history_path(nodes, 17, 10'000);
    EXPECT_TRUE(merkle_verify(tree.root(), leaves[17], 17, 10'000, path));
    EXPECT_LE(nodes.reads, 2 * 14);
}

TEST_F(HistoryTest, ComesBackFromItsBytesAndGoesOn)
{
    for (const std::uint64_t size : {0, 1, 2, 3, 63, 64, 65}) {
        grow_to(size);
        auto copy = *HistoryTree::decode(tree.encode());
        ASSERT_EQ(copy, tree);
        ASSERT_EQ(copy.root(), tree.root());
        auto original = tree;
        EXPECT_EQ(copy.append(block(99)), original.append(block(99)));
        EXPECT_EQ(copy.root(), original.root());
    }
}

TEST_F(HistoryTest, RefusesBytesThatAreNoFrontier)
{
    grow_to(13);
    const auto bytes = tree.encode();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(HistoryTree::decode(ByteView{bytes}.first(size)));
    }
    auto wrong = bytes;
    wrong[7] = 15;
    EXPECT_FALSE(HistoryTree::decode(wrong));
    wrong = bytes;
    wrong.push_back(0);
    EXPECT_FALSE(HistoryTree::decode(wrong));
}

TEST_F(HistoryTest, PassesOnWhatTheDiskSays)
{
    grow_to(20);
    nodes.stored.erase({1, 3});
    EXPECT_EQ(history_path(nodes, 5, 20).error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace ledger
