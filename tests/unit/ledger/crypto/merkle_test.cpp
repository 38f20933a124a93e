#include "ledger/crypto/merkle.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/hash.hpp"
#include "ledger/crypto/random.hpp"

#include <gtest/gtest.h>

#include <bit>

namespace ledger {
namespace {

/// The leaves of the Certificate Transparency reference tests.
std::vector<Hash> known_leaves()
{
    std::vector<Hash> leaves;
    for (const char* data : {"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                             "606162636465666768696a6b6c6d6e6f"})
        leaves.push_back(merkle_leaf(*from_hex(data)));
    return leaves;
}

std::vector<Hash> random_leaves(std::size_t count)
{
    SeededRandom random{count};
    std::vector<Hash> leaves(count);
    for (auto& leaf : leaves) leaf = random.next<Hash>();
    return leaves;
}

/// RFC 6962 section 2.1, word by word.
Hash slow_root(std::span<const Hash> leaves)
{
    if (leaves.empty()) return sha256({});
    if (leaves.size() == 1) return leaves[0];
    const std::size_t split = std::bit_floor(leaves.size() - 1);
    return merkle_node(slow_root(leaves.first(split)), slow_root(leaves.subspan(split)));
}

TEST(Merkle, GivesTheRootsOfTheReferenceTests)
{
    const auto leaves = known_leaves();
    const char* roots[] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                           "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                           "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                           "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                           "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                           "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                           "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                           "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                           "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    MerkleBuilder one_by_one;
    for (std::size_t count = 0; count <= 8; ++count) {
        EXPECT_EQ(to_hex(merkle_root(std::span{leaves}.first(count)).view()), roots[count]);
        EXPECT_EQ(one_by_one.size(), count);
        EXPECT_EQ(to_hex(one_by_one.root().view()), roots[count]);
        if (count < 8) one_by_one.append(leaves[count]);
    }
}

TEST(Merkle, GivesThePathsOfTheReferenceTests)
{
    const auto leaves = known_leaves();
    const std::vector<std::string> sixth_of_eight = {
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"};
    std::vector<std::string> made;
    for (const auto& hash : merkle_path(leaves, 5)) made.push_back(to_hex(hash.view()));
    EXPECT_EQ(made, sixth_of_eight);
    EXPECT_TRUE(merkle_path(std::span{leaves}.first(1), 0).empty());
}

TEST(Merkle, AgreesWithTheDefinitionForEverySize)
{
    const auto leaves = random_leaves(130);
    for (std::size_t count = 0; count <= leaves.size(); ++count)
        ASSERT_EQ(merkle_root(std::span{leaves}.first(count)),
                  slow_root(std::span{leaves}.first(count)))
            << count;
}

TEST(Merkle, ProvesEveryLeafOfEverySize)
{
    for (std::size_t count = 1; count <= 40; ++count) {
        const auto leaves = random_leaves(count);
        const Hash root = merkle_root(leaves);
        for (std::size_t i = 0; i < count; ++i) {
            const auto path = merkle_path(leaves, i);
            ASSERT_TRUE(merkle_verify(root, leaves[i], i, count, path)) << i << " of " << count;
        }
    }
}

TEST(Merkle, RefusesEveryChangedProof)
{
    for (std::size_t count : {1U, 2U, 3U, 7U, 8U, 13U}) {
        const auto leaves = random_leaves(count);
        const Hash root = merkle_root(leaves);
        for (std::size_t i = 0; i < count; ++i) {
            const auto path = merkle_path(leaves, i);
            const Hash other = sha256(leaves[i].view());
            EXPECT_FALSE(merkle_verify(root, other, i, count, path));
            EXPECT_FALSE(merkle_verify(other, leaves[i], i, count, path));
            for (std::size_t j = 0; j < count + 2; ++j) {
                EXPECT_EQ(merkle_verify(root, leaves[i], j, count, path), j == i);
            }
            for (std::size_t k = 0; k < path.size(); ++k) {
                auto changed = path;
                changed[k].bytes[0] ^= 1;
                EXPECT_FALSE(merkle_verify(root, leaves[i], i, count, changed));
            }
            auto longer = path, shorter = path;
            longer.push_back(other);
            EXPECT_FALSE(merkle_verify(root, leaves[i], i, count, longer));
            if (shorter.empty()) continue;
            shorter.pop_back();
            EXPECT_FALSE(merkle_verify(root, leaves[i], i, count, shorter));
        }
    }
}

TEST(Merkle, RefusesAProofAgainstAnEmptyTreeAndHugeCounts)
{
    const Hash leaf = merkle_leaf(as_bytes("x"));
    EXPECT_FALSE(merkle_verify(sha256({}), leaf, 0, 0, {}));
    EXPECT_FALSE(merkle_verify(leaf, leaf, ~0ULL, ~0ULL, {}));
    const std::vector<Hash> path(70, leaf);
    EXPECT_FALSE(merkle_verify(leaf, leaf, ~0ULL - 1, ~0ULL, path));
    EXPECT_FALSE(merkle_verify(leaf, leaf, 5, ~0ULL, path));
}

TEST(Merkle, RefusesATrueRootUnderAFalseCount)
{
    // The path reaches the root, but a tree of one leaf has no path.
    const auto leaves = random_leaves(2);
    EXPECT_FALSE(merkle_verify(merkle_root(leaves), leaves[1], 0, 1, {&leaves[0], 1}));
}

TEST(Merkle, DoesNotTakeAnInnerNodeForALeaf)
{
    const auto leaves = random_leaves(2);
    Bytes both;
    append(both, leaves[0].view());
    append(both, leaves[1].view());
    EXPECT_NE(merkle_leaf(both), merkle_root(leaves));
}

}  // namespace
}  // namespace ledger
