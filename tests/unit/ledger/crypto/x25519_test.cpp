#include "ledger/crypto/x25519.hpp"

#include "ledger/base/hex.hpp"

#include <gtest/gtest.h>

namespace ledger {
namespace {

X25519Key key(std::string_view hex)
{
    return *X25519Key::from_bytes(*from_hex(hex));
}

X25519PublicKey point(std::string_view hex)
{
    return *id_from_hex<X25519PublicKey>(hex);
}

std::string shared(const X25519Key& mine, const X25519PublicKey& theirs)
{
    const auto secret = x25519(mine, theirs);
    return secret ? to_hex(secret->view()) : secret.error().detail;
}

TEST(X25519, GivesTheTestVectorsOfRfc7748)
{
    EXPECT_EQ(shared(key("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
                     point("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")),
              "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
    EXPECT_EQ(shared(key("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
                     point("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493")),
              "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
}

// RFC 7748, section 6.1.
TEST(X25519, LetsTwoPeopleAgreeOnASecret)
{
    const auto alice = key("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    const auto bob = key("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    const auto agreed = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
    EXPECT_EQ(to_hex(x25519_public_key(bob).view()),
              "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    EXPECT_EQ(shared(alice, x25519_public_key(bob)), shared(bob, x25519_public_key(alice)));
    EXPECT_EQ(shared(bob, x25519_public_key(alice)), agreed);
}

TEST(X25519, RefusesPointsOfSmallOrder)
{
    SeededRandom random{1};
    const auto mine = X25519Key::generate(random);
    for (const auto* hex : {"0000000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000000",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"})
        EXPECT_FALSE(x25519(mine, point(hex))) << hex;
}

TEST(X25519, TakesKeysOf32BytesOnlyAndLeavesNothingWhereTheyMovedFrom)
{
    EXPECT_FALSE(X25519Key::from_bytes(Bytes(31)));
    EXPECT_FALSE(X25519Key::from_bytes(Bytes(33)));
    SeededRandom random{2};
    auto first = X25519Key::generate(random);
    const auto copy = first.clone();
    const auto second = std::move(first);
    EXPECT_EQ(to_hex(second.view()), to_hex(copy.view()));
    EXPECT_EQ(to_hex(first.view()), std::string(64, '0'));  // NOLINT(bugprone-use-after-move)
}

}  // namespace
}  // namespace ledger
