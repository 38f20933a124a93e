#include "ledger/crypto/secp256k1.hpp"
#include "tests/support/openssl_secp256k1.hpp"

#include <gtest/gtest.h>

// Keys and signatures of ours beside those that OpenSSL makes and takes. The fuzz target
// `signatures` goes on from here with bytes of its own choice.
namespace ledger {
namespace {

constexpr int rounds = 24;

template <class Id>
Id with_bit_changed(Id from, std::uint64_t bit)
{
    from.bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    return from;
}

struct BesideOpenSsl : testing::Test {
    SeededRandom random{22};
    SecretKey key = SecretKey::generate(random);
    Hash digest = random.next<Hash>();
    PublicKey open = public_key(key);

    void next()
    {
        key = SecretKey::generate(random);
        digest = random.next<Hash>();
        open = public_key(key);
    }
};

TEST_F(BesideOpenSsl, AKeyHasTheSamePoint)
{
    for (int i = 0; i < rounds; ++i, next())
        EXPECT_EQ(*uncompressed(open), openssl::public_key(key.view()));
}

TEST_F(BesideOpenSsl, WhatWeSignIsVerifiedAndRecovered)
{
    for (int i = 0; i < rounds; ++i, next()) {
        const auto made = sign(key, digest);
        EXPECT_TRUE(openssl::ecdsa_verify(open.view(), digest, made.view().first(64)));
        EXPECT_EQ(openssl::recover(digest, made), openssl::public_key(key.view()));
        EXPECT_EQ(recover(digest, made), address_of(key));
    }
}

TEST_F(BesideOpenSsl, WhatItSignsIsRecoveredByOneOfTheTwoIds)
{
    for (int i = 0; i < rounds; ++i, next()) {
        const auto made = openssl::ecdsa_sign(key, digest);
        Signature signature;
        std::copy(made.begin(), made.end(), signature.bytes.begin());
        int fits = 0;
        for (const std::uint8_t v : {std::uint8_t{27}, std::uint8_t{28}}) {
            signature.bytes[64] = v;
            fits += recover(digest, signature) == address_of(key);
        }
        EXPECT_EQ(fits, 1);
    }
}

TEST_F(BesideOpenSsl, AChangedBitIsRefusedByBoth)
{
    for (int i = 0; i < rounds; ++i, next()) {
        const auto good = sign(key, digest);
        const auto bad = with_bit_changed(good, random.below(512));
        EXPECT_NE(recover_key(digest, bad), open);
        EXPECT_FALSE(openssl::ecdsa_verify(open.view(), digest, bad.view().first(64)));
        const auto other = with_bit_changed(digest, random.below(256));
        EXPECT_NE(recover_key(other, good), open);
        EXPECT_FALSE(openssl::ecdsa_verify(open.view(), other, good.view().first(64)));
    }
}

TEST_F(BesideOpenSsl, WhateverARandomSignatureRecoversIsTheSame)
{
    int recovered = 0;
    for (int i = 0; i < rounds; ++i, next()) {
        auto drawn = random.next<Signature>();
        drawn.bytes[64] = static_cast<std::uint8_t>(27 + i % 2);
        drawn.bytes[32] &= 0x7f;  // else refused for s, nearly always
        const auto ours = recover_key(digest, drawn);
        const auto theirs = openssl::recover(digest, drawn);
        ASSERT_EQ(ours.has_value(), theirs.has_value());
        if (!ours) continue;
        EXPECT_EQ(*uncompressed(*ours), *theirs);
        EXPECT_TRUE(openssl::ecdsa_verify(*theirs, digest, drawn.view().first(64)));
        ++recovered;
    }
    EXPECT_GT(recovered, rounds / 5) << "every second number is an x coordinate";
    EXPECT_LT(recovered, rounds);
}

TEST_F(BesideOpenSsl, SchnorrSignaturesAreTheSameBytesAndAChangedBitIsRefusedByBoth)
{
    for (int i = 0; i < rounds; ++i, next()) {
        const auto aux = random.next<Hash>();
        const auto validator = consensus_key(key);
        const auto made = schnorr_sign(key, digest, aux);
        EXPECT_EQ(made, openssl::schnorr_sign(key, digest, aux));
        EXPECT_TRUE(openssl::schnorr_verify(validator, digest.view(), made));
        const auto bad = with_bit_changed(made, random.below(512));
        EXPECT_FALSE(schnorr_verify(validator, digest, bad));
        EXPECT_FALSE(openssl::schnorr_verify(validator, digest.view(), bad));
        const auto other = with_bit_changed(digest, random.below(256));
        EXPECT_FALSE(schnorr_verify(validator, other, made));
        EXPECT_FALSE(openssl::schnorr_verify(validator, other.view(), made));
    }
}

}  // namespace
}  // namespace ledger
