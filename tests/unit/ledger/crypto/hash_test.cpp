#include "ledger/crypto/hash.hpp"

#include "ledger/base/hex.hpp"

#include <gtest/gtest.h>

namespace ledger {
namespace {

std::string hex(const Hash& hash)
{
    return to_hex(hash.view());
}
std::string hex(const Bytes& bytes)
{
    return to_hex(bytes);
}

TEST(Sha256, GivesTheExamplesOfTheStandard)
{
    EXPECT_EQ(hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex(sha256(as_bytes("abc"))),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    const Bytes million(1'000'000, 'a');
    EXPECT_EQ(hex(sha256(million)),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, GivesTheSameForEveryWayToCutTheInput)
{
    Bytes data(300);
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i * 7);
    const Hash whole = sha256(data);
    for (std::size_t cut = 0; cut <= data.size(); ++cut) {
        Sha256 hasher;
        hasher.update(ByteView{data}.first(cut));
        hasher.update(ByteView{data}.subspan(cut));
        ASSERT_EQ(hasher.finish(), whole) << cut;
    }
}

TEST(Sha256, StartsAnewAfterFinish)
{
    Sha256 hasher;
    hasher.update(as_bytes("something else"));
    hasher.finish();
    hasher.update(as_bytes("abc"));
    EXPECT_EQ(hasher.finish(), sha256(as_bytes("abc")));
}

TEST(Keccak256, GivesTheHashesEthereumKnows)
{
    EXPECT_EQ(hex(keccak256({})),
              "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    EXPECT_EQ(hex(keccak256(as_bytes("abc"))),
              "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
    EXPECT_EQ(hex(keccak256(as_bytes("Transfer(address,address,uint256)"))),
              "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
    EXPECT_EQ(hex(keccak256(as_bytes("EIP712Domain(string name,string version,uint256 chainId,"
                                     "address verifyingContract)"))),
              "8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f");
}

TEST(Keccak256, GivesTheSameForEveryWayToCutTheInput)
{
    Bytes data(300);
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i * 5);
    const Hash whole = keccak256(data);
    Keccak256 hasher;
    for (std::size_t cut = 0; cut <= data.size(); ++cut) {
        hasher.update(ByteView{data}.first(cut));
        hasher.update(ByteView{data}.subspan(cut));
        ASSERT_EQ(hasher.finish(), whole) << cut;
    }
}

TEST(TaggedSha256, IsTheHashOfTheTagTwiceAndTheData)
{
    const Hash tag = sha256(as_bytes("millrace/test"));
    Bytes spelled_out;
    append(spelled_out, tag.view());
    append(spelled_out, tag.view());
    append(spelled_out, as_bytes("left and right"));
    const Hash expected = sha256(spelled_out);
    const TaggedHasher hasher{"millrace/test"};
    EXPECT_EQ(tagged_sha256("millrace/test", as_bytes("left and right")), expected);
    EXPECT_EQ(hasher(as_bytes("left and right")), expected);
    EXPECT_EQ(hasher(as_bytes("left and"), as_bytes(" right")), expected);
    EXPECT_NE(tagged_sha256("millrace/tess", as_bytes("left and right")), expected);
}

TEST(TaggedSha256, CanBeUsedAgainAndStreamed)
{
    const TaggedHasher hasher{"millrace/test"};
    const Hash first = hasher(as_bytes("a"));
    hasher(as_bytes("b"));
    EXPECT_EQ(hasher(as_bytes("a")), first);
    auto stream = hasher.start();
    stream.update(as_bytes("a"));
    EXPECT_EQ(stream.finish(), first);
}

TEST(Ripemd160, GivesThePublishedDigests)
{
    EXPECT_EQ(to_hex(ripemd160({}).view()), "9c1185a5c5e9fc54612808977ee8f548b2258d31");
    EXPECT_EQ(to_hex(ripemd160(as_bytes("abc")).view()),
              "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
}

struct Rfc4231 {
    Bytes key, data;
    const char *sha256, *sha512;
};

TEST(Hmac, GivesTheTestCasesOfRfc4231)
{
    const auto text = [](std::string_view words) {
        return Bytes{as_bytes(words).begin(), as_bytes(words).end()};
    };
    Bytes counting(25);
    for (std::size_t i = 0; i < 25; ++i) counting[i] = static_cast<std::uint8_t>(i + 1);
    const std::vector<Rfc4231> cases = {
        {Bytes(20, 0x0b), text("Hi There"),
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
         "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
         "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
        {text("Jefe"), text("what do ya want for nothing?"),
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
         "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
         "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
        {Bytes(20, 0xaa), Bytes(50, 0xdd),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
         "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
         "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"},
        {counting, Bytes(50, 0xcd),
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
         "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
         "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd"},
        {Bytes(131, 0xaa), text("Test Using Larger Than Block-Size Key - Hash Key First"),
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
         "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
         "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(hex(hmac_sha256(one.key, one.data)), one.sha256);
        EXPECT_EQ(hex(hmac_sha512(one.key, one.data)), one.sha512);
    }
}

TEST(Hmac, TakesAnEmptyKey)
{
    EXPECT_EQ(hex(hmac_sha256({}, {})),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

}  // namespace
}  // namespace ledger
