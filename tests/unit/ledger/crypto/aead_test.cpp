#include "ledger/crypto/aead.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/cipher.hpp"
#include "tests/unit/ledger/crypto/counting.hpp"

#include <gtest/gtest.h>

namespace ledger {
namespace {

TEST(Aead, SealsTheExampleOfRfc8439)
{
    const auto plain = as_bytes(
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
        "future, sunscreen would be it.");
    const auto nonce = *from_hex("070000004041424344454647");
    const auto associated = *from_hex("50515253c0c1c2c3c4c5c6c7");
    const auto sealed = seal(Aead::chacha20_poly1305, counting(0x80, 32), nonce, associated, plain);
    EXPECT_EQ(to_hex(sealed),
              "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
              "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
              "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
              "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691");
    const auto opened =
        open(Aead::chacha20_poly1305, counting(0x80, 32), nonce, associated, sealed);
    ASSERT_TRUE(opened.has_value());
    EXPECT_TRUE(std::ranges::equal(*opened, plain));
}

TEST(Aead, SealsTheTestCasesOfTheGcmSpecification)
{
    const Bytes zero_key(32), zero_nonce(12);
    EXPECT_EQ(to_hex(seal(Aead::aes_256_gcm, zero_key, zero_nonce, {}, {})),
              "530f8afbc74536b9a963b4f1c4cb738b");
    EXPECT_EQ(to_hex(seal(Aead::aes_256_gcm, zero_key, zero_nonce, {}, Bytes(16))),
              "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

TEST(Aead, OpensWhatItSealedAndNothingElse)
{
    for (const auto algorithm : {Aead::chacha20_poly1305, Aead::aes_256_gcm}) {
        for (const std::size_t length : {0U, 1U, 16U, 100U}) {
            const auto key = counting(1, 32), nonce = counting(2, 12), associated = counting(3, 5);
            const auto plain = counting(4, length);
            const auto sealed = seal(algorithm, key, nonce, associated, plain);
            ASSERT_EQ(sealed.size(), length + 16);
            ASSERT_EQ(open(algorithm, key, nonce, associated, sealed), plain);
            for (std::size_t i = 0; i < sealed.size(); ++i) {
                auto changed = sealed;
                changed[i] ^= 0x10;
                ASSERT_FALSE(open(algorithm, key, nonce, associated, changed)) << i;
                ASSERT_FALSE(open(algorithm, key, nonce, associated, ByteView{sealed}.first(i)));
            }
            EXPECT_FALSE(open(algorithm, counting(2, 32), nonce, associated, sealed));
            EXPECT_FALSE(open(algorithm, key, counting(3, 12), associated, sealed));
            EXPECT_FALSE(open(algorithm, key, nonce, counting(3, 6), sealed));
            EXPECT_FALSE(open(algorithm, key, nonce, {}, sealed));
        }
    }
}

TEST(Aes128Ctr, GivesTheExampleOfSp80038a)
{
    const auto key = *from_hex("2b7e151628aed2a6abf7158809cf4f3c");
    const auto counter = *from_hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    const auto plain = *from_hex(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
        "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
    const auto sealed = aes_128_ctr(key, counter, plain);
    EXPECT_EQ(to_hex(sealed.view()),
              "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
              "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee");
    EXPECT_EQ(to_hex(aes_128_ctr(key, counter, sealed.view()).view()), to_hex(plain));
    EXPECT_EQ(aes_128_ctr(key, counter, {}).size(), 0U);
}

}  // namespace
}  // namespace ledger
