#include "ledger/state/state_proof.hpp"

#include "ledger/crypto/hash.hpp"
#include "ledger/state/state_tree.hpp"
#include "tests/unit/ledger/state/text_bytes.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ledger {
namespace {

struct StateProofTest : ::testing::Test {
    StateProofTest()
    {
        StateDiff diff;
        for (int i = 0; i < 200; ++i) diff[b("key" + std::to_string(i))] = b("v");
        diff[b("k1077278")] = b("deep");
        diff[b("k809937")] = b("deep");
        root = *tree.apply(Height{1}, diff);
    }
    MemoryTreeNodes nodes;
    StateTree tree{nodes};
    Hash root;
    StateProof prove(std::string_view key) { return *tree.prove(as_bytes(key)); }
    /// A key that is not there and whose proof ends this way.
    std::string absent(StateProof::End end)
    {
        for (int i = 0;; ++i) {
            auto key = "absent" + std::to_string(i);
            if (prove(key).end == end) return key;
        }
    }
};

TEST_F(StateProofTest, ShowsAValueAndNoOther)
{
    const auto proof = prove("key3");
    EXPECT_TRUE(verify(root, b("key3"), b("v"), proof));
    EXPECT_FALSE(verify(root, b("key3"), b("w"), proof));
    EXPECT_FALSE(verify(root, b("key3"), b(""), proof));
    EXPECT_FALSE(verify(root, b("key3"), std::nullopt, proof));
    EXPECT_FALSE(verify(root, b("key4"), b("v"), proof));
    EXPECT_FALSE(verify(Hash{}, b("key3"), b("v"), proof));
}

TEST_F(StateProofTest, ShowsThatAKeyIsAbsentInBothWays)
{
    for (const auto end : {StateProof::End::other, StateProof::End::nothing}) {
        const auto key = absent(end);
        const auto proof = prove(key);
        EXPECT_TRUE(verify(root, b(key), std::nullopt, proof));
        EXPECT_FALSE(verify(root, b(key), b("v"), proof));
        EXPECT_FALSE(verify(root, b("key3"), std::nullopt, proof));
    }
}

TEST_F(StateProofTest, NeverShowsThatAPresentKeyIsAbsent)
{
    auto proof = prove("key3");
    proof.end = StateProof::End::other;
    proof.other_key_hash = sha256(b("key3"));
    proof.other_value_hash = sha256(b("v"));
    EXPECT_FALSE(verify(root, b("key3"), std::nullopt, proof)) << "the other key is the key";

    proof = prove("key4");
    proof.end = StateProof::End::other;
    proof.other_key_hash = sha256(b("key4"));
    proof.other_value_hash = sha256(b("v"));
    EXPECT_FALSE(verify(root, b("key3"), std::nullopt, proof)) << "it stands somewhere else";
}

TEST_F(StateProofTest, IsRefusedWithAnyByteChanged)
{
    const std::vector<std::pair<std::string, std::optional<Bytes>>> cases = {
        {"key3", b("v")},
        {"k1077278", b("deep")},
        {absent(StateProof::End::other), std::nullopt},
        {absent(StateProof::End::nothing), std::nullopt}};
    for (const auto& [key, value] : cases) {
        const auto bytes = encode(prove(key));
        const auto holds = [&](const Bytes& changed) {
            const auto proof = decode_state_proof(changed);
            return proof && verify(root, as_bytes(key), value, *proof);
        };
        ASSERT_TRUE(holds(bytes));
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            for (const std::uint8_t flip : Bytes{0x01, 0x02, 0x03, 0x80, 0xff}) {
                auto changed = bytes;
                changed[i] ^= flip;
                ASSERT_FALSE(holds(changed)) << key << " byte " << i;
            }
        }
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            ASSERT_FALSE(decode_state_proof(ByteView{bytes}.first(size)));
        }
        auto longer = bytes;
        longer.push_back(0);
        EXPECT_FALSE(decode_state_proof(longer));
    }
}

TEST_F(StateProofTest, ComesBackFromItsBytes)
{
    for (const auto& key :
         {std::string{"key9"}, absent(StateProof::End::other), absent(StateProof::End::nothing)}) {
        EXPECT_EQ(*decode_state_proof(encode(prove(key))), prove(key));
    }
}

TEST(StateProof, ShowsNothingButAbsenceUnderAnEmptyRoot)
{
    const Hash empty = empty_state_root();
    StateProof proof;
    EXPECT_TRUE(verify(empty, b("any"), std::nullopt, proof));
    EXPECT_FALSE(verify(Hash{}, b("any"), std::nullopt, proof)) << "a root nobody filled in";

    proof.end = StateProof::End::key;
    EXPECT_FALSE(verify(empty, b("any"), b("v"), proof));
    proof.end = StateProof::End::other;
    EXPECT_FALSE(verify(empty, b("any"), std::nullopt, proof));
    proof.end = StateProof::End::nothing;
    proof.siblings.push_back(empty);
    EXPECT_FALSE(verify(empty, b("any"), std::nullopt, proof));
}

TEST(StateProof, AsksThatTheOtherKeyBelongsWhereItStands)
{
    const Hash key = sha256(b("a"));    // begins with bit 1
    const Hash other = sha256(b("b"));  // begins with bit 0
    ASSERT_GE(key.bytes[0], 0x80);
    ASSERT_LT(other.bytes[0], 0x80);
    const StateProof proof{.end = StateProof::End::other,
                           .other_key_hash = other,
                           .other_value_hash = sha256(b("v")),
                           .siblings = {sha256(b("left half"))}};
    const auto misplaced = state_leaf_hash(other, proof.other_value_hash);
    const auto root = state_node_hash(proof.siblings[0], misplaced);
    EXPECT_FALSE(verify(root, b("a"), std::nullopt, proof)) << "no tree has it there";
}

TEST(StateProof, TakesNoMoreThan256Siblings)
{
    StateProof proof{.end = StateProof::End::key,
                     .other_key_hash = {},
                     .other_value_hash = {},
                     .siblings = std::vector<Hash>(256, empty_state_root())};
    const auto key_hash = sha256(b("key"));
    Hash root = state_leaf_hash(key_hash, sha256(b("v")));
    for (int bit = 255; bit >= 0; --bit) {
        const bool right = (key_hash.bytes[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8)) & 1;
        root = right ? state_node_hash(empty_state_root(), root)
                     : state_node_hash(root, empty_state_root());
    }
    EXPECT_TRUE(verify(root, b("key"), b("v"), proof));
    EXPECT_TRUE(decode_state_proof(encode(proof)));
    proof.siblings.push_back(empty_state_root());
    EXPECT_FALSE(verify(root, b("key"), b("v"), proof));
    EXPECT_FALSE(decode_state_proof(encode(proof)));
}

}  // namespace
}  // namespace ledger
