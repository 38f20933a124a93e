#include "ledger/crypto/random.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/hash.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace ledger {
namespace {

TEST(SeededRandom, IsTheHashOfTheSeedAndACounter)
{
    const Hash seed = sha256(as_bytes("a seed"));
    Bytes first_block(seed.bytes.begin(), seed.bytes.end());
    first_block.resize(40);
    SeededRandom random{seed};
    EXPECT_EQ(random.next<Hash>(), sha256(first_block));
    first_block.back() = 1;
    EXPECT_EQ(random.next<Hash>(), sha256(first_block));
}

TEST(SeededRandom, GivesTheSameBytesHoweverTheyAreAskedFor)
{
    SeededRandom whole{7}, pieces{7}, other{8};
    Bytes a(257), b(257), c(257);
    whole.fill(a);
    std::size_t at = 0;
    for (std::size_t length : {0U, 1U, 30U, 1U, 32U, 33U, 160U}) {
        pieces.fill(std::span{b}.subspan(at, length));
        at += length;
    }
    other.fill(c);
    ASSERT_EQ(at, a.size());
    EXPECT_EQ(a, b);
    EXPECT_NE(a, c);
}

TEST(Random, DrawsEveryNumberBelowABoundAndNoOther)
{
    SeededRandom random{1};
    std::array<int, 6> seen{};
    for (int i = 0; i < 6000; ++i) ++seen.at(random.below(6));
    for (const int count : seen) EXPECT_NEAR(count, 1000, 150);
    EXPECT_EQ(random.below(1), 0U);
}

TEST(SystemRandom, GivesOtherBytesEachTime)
{
    SystemRandom random;
    std::set<Hash> drawn;
    for (int i = 0; i < 100; ++i) drawn.insert(random.next<Hash>());
    EXPECT_EQ(drawn.size(), 100U);
    random.fill({});
}

}  // namespace
}  // namespace ledger
