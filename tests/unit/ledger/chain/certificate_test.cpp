#include "ledger/chain/certificate.hpp"

#include "ledger/crypto/secp256k1.hpp"

#include <gtest/gtest.h>

namespace ledger {
namespace {

SecretKey key(std::uint8_t seed)
{
    return *SecretKey::from_bytes(Bytes(32, seed));
}

struct CertificateTest : testing::Test {
    ValidatorSet set;
    BlockId anchor;
    ChainId chain{402'077};

    CertificateTest()
    {
        anchor.bytes.fill(5);
        for (std::uint8_t i = 1; i <= 4; ++i) {
            Validator validator;
            validator.consensus_key = consensus_key(key(i));
            validator.power = 1'000;
            set.push_back(validator);
        }
    }

    Certificate signed_by(std::initializer_list<std::size_t> voters) const
    {
        Certificate made;
        made.kind = VoteKind::finalize;
        made.view = 7;
        made.id.bytes.fill(9);
        made.bitmap.assign((set.size() + 7) / 8, 0);
        const auto digest = vote_digest({chain, made.epoch, anchor, made.kind, made.view, made.id});
        for (const auto voter : voters) {
            made.bitmap[voter / 8] |= static_cast<std::uint8_t>(0x80 >> voter % 8);
            made.signatures.push_back(
                schnorr_sign(key(static_cast<std::uint8_t>(voter + 1)), digest, Hash{}));
        }
        return made;
    }

    std::string refusal(const Certificate& certificate) const
    {
        const auto done = verify(certificate, chain, anchor, set);
        return done ? "" : done.error().detail;
    }
};

TEST_F(CertificateTest, NeedsMoreThanTwoThirdsOfThePower)
{
    EXPECT_EQ(quorum(set), 2'667u);
    EXPECT_EQ(refusal(signed_by({0, 1, 2})), "");
    EXPECT_EQ(refusal(signed_by({0, 1})), "power below the quorum");
}

TEST_F(CertificateTest, HasAQuorumOfOneAmongOne)
{
    set.resize(1);
    EXPECT_EQ(quorum(set), 667u);
    EXPECT_EQ(refusal(signed_by({0})), "");
}

TEST_F(CertificateTest, RefusesAWrongSignatureShapeOrPadding)
{
    auto certificate = signed_by({0, 1, 2});
    certificate.signatures[1].bytes[3] ^= 1;
    EXPECT_EQ(refusal(certificate), "a vote's signature does not verify");

    certificate = signed_by({0, 1, 2});
    certificate.signatures.pop_back();
    EXPECT_EQ(refusal(certificate), "as many signatures as bits are needed");

    certificate = signed_by({0, 1, 2});
    certificate.bitmap[0] |= 1;
    EXPECT_EQ(refusal(certificate), "padding bits must be zero");

    certificate = signed_by({0, 1, 2});
    certificate.bitmap.push_back(0);
    EXPECT_EQ(refusal(certificate), "bitmap of another size");
}

TEST_F(CertificateTest, HoldsForOneChainAnchorKindAndViewOnly)
{
    const auto certificate = signed_by({0, 1, 2});
    EXPECT_FALSE(verify(certificate, {1}, anchor, set));
    EXPECT_FALSE(verify(certificate, chain, BlockId{}, set));
    auto other = certificate;
    other.kind = VoteKind::notarize;
    EXPECT_NE(refusal(other), "");
    other = certificate;
    other.view = 8;
    EXPECT_NE(refusal(other), "");
}

TEST_F(CertificateTest, ReadsBackWhatItWroteAndNothingLonger)
{
    const auto certificate = signed_by({0, 2, 3});
    EXPECT_EQ(*decode_certificate(encode_certificate(certificate)), certificate);
    EXPECT_EQ(decode_certificate(Bytes(16 * 1024 + 1)).error().kind, ErrorKind::full);
}

}  // namespace
}  // namespace ledger
