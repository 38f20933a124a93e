#include "ledger/state/range_proof.hpp"

#include "ledger/crypto/hash.hpp"
#include "ledger/state/tree_builder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace ledger {
namespace {

Hash filled(std::uint8_t byte)
{
    Hash hash;
    hash.bytes.fill(byte);
    return hash;
}

const Hash lowest = filled(0);
const Hash highest = filled(0xff);

Hash next(Hash hash, int step)
{
    for (std::size_t i = hash.bytes.size(); i-- > 0;) {
        hash.bytes[i] = static_cast<std::uint8_t>(hash.bytes[i] + step);
        if (hash.bytes[i] != (step > 0 ? 0 : 0xff)) break;
    }
    return hash;
}

struct RangeProofTest : ::testing::Test {
    void fill(int keys)
    {
        StateDiff diff;
        for (int i = 0; i < keys; ++i) {
            const auto text = "key" + std::to_string(i);
            diff[Bytes(text.begin(), text.end())] = Bytes{1};
            entries.push_back({sha256(as_bytes(text)), sha256(Bytes{1})});
        }
        std::ranges::sort(entries);
        root = *tree.apply(Height{7}, diff);
        nodes.apply(*tree.take_changes());
    }
    RangeProof prove(const Hash& first, const Hash& last)
    {
        auto proof = prove_range(nodes, Height{7}, root, first, last);
        EXPECT_TRUE(proof) << proof.error().detail;
        return proof ? *proof : RangeProof{};
    }
    std::vector<RangeEntry> within(const Hash& first, const Hash& last) const
    {
        std::vector<RangeEntry> found;
        for (const auto& entry : entries)
            if (first <= entry.key_hash && entry.key_hash <= last) found.push_back(entry);
        return found;
    }
    bool shows(const Hash& first, const Hash& last)
    {
        return verify_range(root, first, last, within(first, last), prove(first, last));
    }

    MemoryTreeNodes nodes;
    StateTree tree{nodes};
    Hash root = empty_state_root();
    std::vector<RangeEntry> entries;
};

TEST_F(RangeProofTest, ShowsAnEmptyStateInEveryRange)
{
    fill(0);
    EXPECT_EQ(root, empty_state_root());
    EXPECT_TRUE(shows(lowest, highest));
    EXPECT_TRUE(shows(filled(0x11), filled(0x99)));
    EXPECT_EQ(prove(lowest, highest), RangeProof{});
}

TEST_F(RangeProofTest, ShowsTheWholeStateWithoutAnyHash)
{
    fill(300);
    EXPECT_EQ(prove(lowest, highest), RangeProof{});
    EXPECT_TRUE(shows(lowest, highest));
}

TEST_F(RangeProofTest, ShowsTheFirstAndTheLastRange)
{
    fill(300);
    const auto& middle = entries[140].key_hash;
    EXPECT_TRUE(shows(lowest, middle));
    EXPECT_TRUE(prove(lowest, middle).before.empty());
    EXPECT_TRUE(shows(next(middle, 1), highest));
    EXPECT_TRUE(prove(next(middle, 1), highest).after.empty());
}

TEST_F(RangeProofTest, ShowsARangeBetweenTwoKeysToBeEmpty)
{
    fill(300);
    const auto first = next(entries[10].key_hash, 1);
    const auto last = next(entries[11].key_hash, -1);
    EXPECT_TRUE(shows(first, last));
    EXPECT_TRUE(shows(first, first));
    EXPECT_FALSE(verify_range(root, first, next(last, 1), {}, prove(first, next(last, 1))));
}

TEST_F(RangeProofTest, ShowsTheOnlyLeafInsideAndOutsideOfTheRange)
{
    fill(1);
    const auto& key = entries[0].key_hash;
    EXPECT_TRUE(shows(lowest, highest));
    EXPECT_TRUE(shows(key, key));
    EXPECT_TRUE(shows(lowest, key));
    EXPECT_TRUE(shows(lowest, next(key, -1)));
    EXPECT_EQ(prove(lowest, next(key, -1)).leaf_after, entries[0]);
    EXPECT_EQ(prove(next(key, 1), highest).leaf_before, entries[0]);
    EXPECT_TRUE(shows(next(key, 1), highest));
    EXPECT_FALSE(verify_range(root, lowest, highest, {}, {}));
}

TEST_F(RangeProofTest, RefusesEntriesThatAreMissingAddedChangedDoubledOrOutOfOrder)
{
    fill(100);
    const auto& first = entries[20].key_hash;
    const auto& last = entries[40].key_hash;
    const auto proof = prove(first, last);
    const auto good = within(first, last);
    ASSERT_TRUE(verify_range(root, first, last, good, proof));
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto missing = good;
        missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_FALSE(verify_range(root, first, last, missing, proof));
        auto doubled = good;
        doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(i), good[i]);
        EXPECT_FALSE(verify_range(root, first, last, doubled, proof));
        auto changed = good;
        changed[i].value_hash.bytes[31] ^= 1;
        EXPECT_FALSE(verify_range(root, first, last, changed, proof));
        if (i == 0) continue;
        auto swapped = good;
        std::swap(swapped[i - 1], swapped[i]);
        EXPECT_FALSE(verify_range(root, first, last, swapped, proof));
        auto added = good;
        added.insert(added.begin() + static_cast<std::ptrdiff_t>(i),
                     {next(good[i].key_hash, -1), good[i].value_hash});
        EXPECT_FALSE(verify_range(root, first, last, added, proof));
    }
    auto outside = good;
    outside.insert(outside.begin(), entries[19]);
    EXPECT_FALSE(verify_range(root, first, last, outside, proof));
}

TEST_F(RangeProofTest, ProvesNothingForAnotherRangeOrRoot)
{
    fill(100);
    const auto& first = entries[20].key_hash;
    const auto& last = entries[40].key_hash;
    const auto proof = prove(first, last);
    EXPECT_FALSE(verify_range(root, first, entries[41].key_hash,
                              within(first, entries[41].key_hash), proof));
    EXPECT_FALSE(verify_range(root, last, first, {}, proof));
    EXPECT_FALSE(verify_range(Hash{}, first, last, within(first, last), proof));
    EXPECT_FALSE(verify_range(empty_state_root(), first, last, within(first, last), proof));
    EXPECT_EQ(prove_range(nodes, Height{7}, root, last, first).error().kind, ErrorKind::invalid);
}

TEST_F(RangeProofTest, StopsAtANodeThatIsMissing)
{
    fill(300);
    const MemoryTreeNodes none;
    EXPECT_EQ(prove_range(none, Height{7}, root, lowest, highest).error().kind, ErrorKind::corrupt);
    EXPECT_EQ(prove_range(nodes, Height{6}, root, lowest, highest).error().kind,
              ErrorKind::corrupt);
}

TEST_F(RangeProofTest, HasOneEncodingWithinItsBounds)
{
    fill(300);
    const auto proof = prove(entries[20].key_hash, entries[40].key_hash);
    const auto bytes = encode(proof);
    EXPECT_EQ(*decode_range_proof(bytes), proof);
    auto longer = bytes;
    longer.push_back(0);
    EXPECT_EQ(decode_range_proof(longer).error().kind, ErrorKind::invalid);
    EXPECT_EQ(decode_range_proof(ByteView{bytes}.first(bytes.size() - 1)).error().kind,
              ErrorKind::invalid);
    EXPECT_EQ(decode_range_proof(Bytes(RangeProof::max_bytes + 1)).error().kind, ErrorKind::full);
    auto deep = proof;
    deep.first_depth = 257;
    EXPECT_EQ(decode_range_proof(encode(deep)).error().kind, ErrorKind::invalid);
    auto wide = proof;
    wide.leaf_before.reset();
    wide.after.assign(257, Hash{});
    wide.before.clear();
    EXPECT_EQ(decode_range_proof(encode(wide)).error().kind, ErrorKind::invalid);
}

TEST_F(RangeProofTest, ATreeBuiltInOnePassIsTheOneThatGrew)
{
    for (const int keys : {0, 1, 2, 17, 400}) {
        entries.clear();
        MemoryTreeNodes grown;
        StateTree growing{grown};
        StateDiff diff;
        for (int i = 0; i < keys; ++i) {
            const auto text = "k" + std::to_string(i * 37);
            diff[Bytes(text.begin(), text.end())] = Bytes{2};
            entries.push_back({sha256(as_bytes(text)), sha256(Bytes{2})});
        }
        std::ranges::sort(entries);
        ASSERT_TRUE(growing.apply(Height{3}, diff));
        const auto changes = *growing.take_changes();

        std::map<Bytes, Bytes> built;
        TreeBuilder builder{Height{3}, [&](Bytes key, Bytes node) {
                                EXPECT_TRUE(built.emplace(std::move(key), std::move(node)).second);
                            }};
        for (const auto& entry : entries)
            ASSERT_TRUE(builder.add(entry.key_hash, entry.value_hash));
        EXPECT_EQ(builder.finish(), changes.root) << keys;
        EXPECT_EQ(built, changes.nodes) << keys;
    }
}

TEST_F(RangeProofTest, ATreeIsBuiltOnlyFromLeavesThatAscend)
{
    TreeBuilder builder{Height{3}, [](const Bytes&, const Bytes&) {}};
    ASSERT_TRUE(builder.add(filled(5), filled(1)));
    EXPECT_EQ(builder.add(filled(5), filled(1)).error().kind, ErrorKind::invalid);
    EXPECT_EQ(builder.add(filled(4), filled(1)).error().kind, ErrorKind::invalid);
    EXPECT_TRUE(builder.add(filled(6), filled(1)));
}

}  // namespace
}  // namespace ledger
