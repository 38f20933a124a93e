#include "ledger/base/hex.hpp"
#include "ledger/state/history.hpp"
#include "ledger/state/state_tree.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

/// Roots, node records and proofs as computed by another program, in another language, from the
/// definition in state_proof.hpp.
namespace ledger {
namespace {

Bytes b(std::string_view text)
{
    return {text.begin(), text.end()};
}

std::string root_of(const StateDiff& diff)
{
    MemoryTreeNodes nodes;
    StateTree tree{nodes};
    return to_hex(tree.apply(Height{1}, diff)->view());
}

const StateDiff three = {{b("a"), b("1")}, {b("b"), b("2")}, {b("c"), b("3")}};

TEST(StateTreeGolden, SmallTreesHaveTheseRoots)
{
    EXPECT_EQ(to_hex(empty_state_root().view()),
              "e50e253d8a0ad86b41baf4905683468ea018b200278e21f038cca012b8161d7e");
    EXPECT_EQ(root_of({}), to_hex(empty_state_root().view()));
    EXPECT_EQ(root_of({{b("a"), b("1")}}),
              "df87e249c3ac548c8ddb1a519c17a152e22a201408e9e5443750071009d9a25b");
    EXPECT_EQ(root_of({{b(""), b("")}}),
              "852552f14bdeabb62520fb966786c3d4ed3268fd7d99b0606b8939a46f44e519");
    EXPECT_EQ(root_of({{b("a"), b("1")}, {b("b"), b("2")}}),
              "610a1233238db88e841113cd1157e3e27fb39941fc4a8a27250fc1ffd3fd84e0");
    EXPECT_EQ(root_of(three), "db37be7a78d47ac8f4a2d22790f98a93f01f364afcec4b743c446db51c39c00d");
}

TEST(StateTreeGolden, KeysThatBeginAlikeHaveThisRoot)
{
    EXPECT_EQ(root_of({{b("k1077278"), b("deep")}, {b("k809937"), b("deep")}}),
              "ef82cad1984f9f3951ee6b514db2dab7c72958c540b95dcd389f6defc8557338");
}

TEST(StateTreeGolden, AHundredKeysHaveThisRootAndHalfOfThemThat)
{
    StateDiff all;
    StateDiff even;
    for (int i = 0; i < 100; ++i) {
        all[b("key" + std::to_string(i))] = b("value" + std::to_string(i));
        if (i % 2 == 0) even[b("key" + std::to_string(i))] = std::nullopt;
    }
    MemoryTreeNodes nodes;
    StateTree tree{nodes};
    EXPECT_EQ(to_hex(tree.apply(Height{1}, all)->view()),
              "7104e6c72ec841da54b92788ce31dbecbcfc5d1a2670e9a2b5f3f98efffef014");
    EXPECT_EQ(to_hex(tree.apply(Height{2}, even)->view()),
              "dea614901741c1ee32fee65857e6571b93a64918ce2946b73850122c3a4737bf");
}

TEST(StateTreeGolden, ProofsHaveTheseBytes)
{
    MemoryTreeNodes nodes;
    StateTree tree{nodes};
    ASSERT_TRUE(tree.apply(Height{1}, three));
    const std::map<std::string, std::string> expected = {
        {"a",
         "0000000001c057e79ba651e14ede1658e257a6ae4de0810b13fc271973a2a307"
         "c06e68a900"},
        {"d",
         "020000000321691f60fa9b4d4bcf12083418ae07eff30c1e292b89f77a611c97"
         "d2c6b46fa7e50e253d8a0ad86b41baf4905683468ea018b200278e21f038cca0"
         "12b8161d7edf87e249c3ac548c8ddb1a519c17a152e22a201408e9e544375007"
         "1009d9a25b"},
        {"e",
         "013e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c00"
         "9dd4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab"
         "3500000004bad874e0b83974cdada23549d1055e8fd67edc9832c96af8b8b2d6"
         "70d3ee7702e50e253d8a0ad86b41baf4905683468ea018b200278e21f038cca0"
         "12b8161d7ee50e253d8a0ad86b41baf4905683468ea018b200278e21f038cca0"
         "12b8161d7edf87e249c3ac548c8ddb1a519c17a152e22a201408e9e544375007"
         "1009d9a25b"},
    };
    for (const auto& [key, bytes] : expected) {
        EXPECT_EQ(to_hex(encode(*tree.prove(b(key)))), bytes) << key;
    }
}

TEST(StateTreeGolden, ANodeIsStoredLikeThis)
{
    MemoryTreeNodes nodes;
    StateTree tree{nodes};
    ASSERT_TRUE(tree.apply(Height{5}, {{b("a"), b("1")}, {b("b"), b("2")}}));
    const auto changes = tree.take_changes();
    ASSERT_EQ(changes->nodes.size(), 1U);
    EXPECT_EQ(to_hex(changes->nodes.begin()->first), "000000000000000500");
    EXPECT_EQ(to_hex(changes->nodes.begin()->second),
              "01100810083e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73ee"
              "aed59c009dd4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a66"
              "6eec13ab35ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b98077"
              "85afee48bb6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52"
              "ddb7875b4b");
}

TEST(HistoryGolden, HeightsAsIdsHaveTheseRoots)
{
    const std::map<std::uint64_t, std::string> expected = {
        {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {1, "7f9c9e31ac8256ca2f258583df262dbc7d6f68f2a03043d5c99a4ae5a7396ce9"},
        {2, "c184f5dd351d61b11a14e93ccb5fbc8258cd2871a546292bc50e301189cd2df7"},
        {3, "00d963599276e4ee5bc5e90fb94f62705b8ca0969aa90e55134550ee926ddcb8"},
        {7, "452d87a9af883ba3f94b2841b7d3ff0e63726171cb81293b83b65f6300486474"},
        {8, "c49fcc6d52baa1146a036ee9cb7240769c37791b6afc8de80ffb0619b465a107"},
        {100, "5cb1bb012cb38f42f715555d597bc33bcfa82bc984be0395b558677b353b76bd"},
        {1000, "ecd75e4b9050deb544dd0538f7438704e25afead891871b9c5d34b0b25e5b050"},
    };
    HistoryTree tree;
    for (std::uint64_t height = 0; height <= 1000; ++height) {
        if (const auto at = expected.find(height); at != expected.end()) {
            EXPECT_EQ(to_hex(tree.root().view()), at->second) << height;
        }
        if (height == 7) {
            EXPECT_EQ(to_hex(tree.encode()),
                      "0000000000000007d7a29e2bf1d35cb6fb88398cac8371e509bf1a84a4cacd2a"
                      "23251c0bdf034cece92354c93b3ff8eb7c37d20ef5f8b86aaa18651480e03baf"
                      "5e5b76b7627bf236d18cc92c0ce1b7400663c738b541aab9cf2098cddcdabb4b"
                      "70d785da13164fad");
        }
        BlockId id;
        id.bytes[0] = static_cast<std::uint8_t>(height);
        id.bytes[1] = static_cast<std::uint8_t>(height >> 8);
        tree.append(id);
    }
}

}  // namespace
}  // namespace ledger
