#include "market/hash_chain.hpp"

#include "ledger/base/hex.hpp"

#include <gtest/gtest.h>

namespace market {
namespace {

ChannelId channel(std::uint8_t last)
{
    ChannelId made;
    made.bytes[31] = last;
    return made;
}

// By hashlib: p = sha256(b"millrace/chain/v1").digest() + bytes(31) + b"\x01", then x = bytes(32),
// x = sha256(p + x).digest() so many times.
TEST(HashChain, StepsAreSha256OfTagChannelAndLink)
{
    const ChainHasher hasher{channel(1)};
    EXPECT_EQ(ledger::to_hex0x(hasher.down({}, 1).view()),
              "0x5153069c287bbb9d2cf53a41b277657cf7f50b0c363650c0da0de14c53cf0b19");
    EXPECT_EQ(ledger::to_hex0x(hasher.down({}, 4'096).view()),
              "0xc8b8658917f2ba3a72d4a53e6184d41f62219b73be3b65d2b10e218ce830eb69");
    EXPECT_EQ(hasher.down({}, 0), Hash{});
    EXPECT_EQ(hasher.down(hasher.down({}, 3), 4), hasher.down({}, 7));
}

TEST(HashChain, OfAnotherChannelHasOtherLinks)
{
    EXPECT_NE(ChainHasher{channel(1)}.down({}, 1), ChainHasher{channel(2)}.down({}, 1));
}

TEST(HashChain, ALinkIsWorthItsUnitsAboveTheBase)
{
    const ChainTerms chain{Amount::micros(7), Amount::micros(50), 10, {}};
    EXPECT_EQ(worth(chain, 0), Amount::micros(7));
    EXPECT_EQ(worth(chain, 3), Amount::micros(157));
    EXPECT_EQ(worth({Amount::max(), Amount::micros(1), 10, {}}, 1), std::nullopt);
    EXPECT_EQ(worth({{}, Amount::max(), 10, {}}, 2), std::nullopt);
}

TEST(HashChain, IsMadeFromItsEnd)
{
    const auto links = make_links(channel(1), {}, 5);
    ASSERT_EQ(links.size(), 6u);
    EXPECT_EQ(links[5], Hash{});
    EXPECT_EQ(links[0], ChainHasher{channel(1)}.down({}, 5));
    EXPECT_EQ(links[2], ChainHasher{channel(1)}.down(links[4], 2));
}

TEST(HashChain, AnAmountTakesSoManyLinksRoundedUp)
{
    EXPECT_EQ(links_for(Amount::micros(100), Amount::micros(50)), 2u);
    EXPECT_EQ(links_for(Amount::micros(101), Amount::micros(50)), 3u);
    EXPECT_EQ(links_for(Amount::micros(1), Amount::micros(50)), 1u);
    EXPECT_EQ(links_for(Amount::max(), Amount::micros(1)), ~0ull);
}

TEST(HashChain, HasUpTo4096LinksEachWorthSomething)
{
    const auto one = Amount::micros(1);
    EXPECT_TRUE(well_formed({{}, one, 4'096, {}}));
    EXPECT_FALSE(well_formed({{}, one, 4'097, {}}));
    EXPECT_FALSE(well_formed({{}, one, 0, {}}));
    EXPECT_FALSE(well_formed({{}, {}, 1, {}}));
    EXPECT_FALSE(well_formed({Amount::max(), one, 1, {}}));
}

}  // namespace
}  // namespace market
