#include "ledger/crypto/kdf.hpp"

#include "ledger/base/hex.hpp"
#include "tests/unit/ledger/crypto/counting.hpp"

#include <gtest/gtest.h>

namespace ledger {
namespace {

std::string hex(const SecretBytes& bytes)
{
    return to_hex(bytes.view());
}
TEST(Hkdf, GivesTheTestCasesOfRfc5869)
{
    EXPECT_EQ(
        hex(hkdf_sha256(Bytes(22, 0x0b), counting(0, 13), counting(0xf0, 10), 42)),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    EXPECT_EQ(hex(hkdf_sha256(counting(0, 80), counting(0x60, 80), counting(0xb0, 80), 82)),
              "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
              "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
              "cc30c58179ec3e87c14c01d5c1f3434f1d87");
    EXPECT_EQ(
        hex(hkdf_sha256(Bytes(22, 0x0b), {}, {}, 42)),
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
    EXPECT_EQ(hex(hkdf_sha256_extract(counting(0, 13), Bytes(22, 0x0b))),
              "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
}

TEST(Hkdf, StopsWhenAskedForMoreThanTheRfcAllows)
{
    EXPECT_EQ(hkdf_sha256({}, {}, {}, 8160).size(), 8160U);
    EXPECT_EQ(hkdf_sha256({}, {}, {}, 0).size(), 0U);
    EXPECT_DEATH(hkdf_sha256({}, {}, {}, 8161), "at most 255 blocks");
}

TEST(Pbkdf2, GivesTheTestVectorsOfRfc7914)
{
    EXPECT_EQ(hex(*pbkdf2_sha256(as_bytes("passwd"), as_bytes("salt"), 1, 64)),
              "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
              "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
}

TEST(Pbkdf2, RefusesNoWorkAndTooMuch)
{
    EXPECT_EQ(pbkdf2_sha256({}, {}, 0, 32).error().kind, ErrorKind::invalid);
    EXPECT_EQ(pbkdf2_sha256({}, {}, 1, 0).error().kind, ErrorKind::invalid);
    EXPECT_EQ(pbkdf2_sha256({}, {}, 10'000'001, 32).error().kind, ErrorKind::full);
    EXPECT_EQ(pbkdf2_sha512({}, {}, ~0ULL, 32).error().kind, ErrorKind::full);
    EXPECT_EQ(pbkdf2_sha512({}, {}, 1, 1025).error().kind, ErrorKind::full);
    EXPECT_TRUE(pbkdf2_sha512({}, {}, 1, 1024).has_value());
}

TEST(Scrypt, GivesTheTestVectorsOfRfc7914)
{
    EXPECT_EQ(hex(*scrypt({}, {}, {16, 1, 1}, 64)),
              "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
              "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
    EXPECT_EQ(hex(*scrypt(as_bytes("password"), as_bytes("NaCl"), {1024, 8, 16}, 64)),
              "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
              "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
    EXPECT_EQ(
        hex(*scrypt(as_bytes("pleaseletmein"), as_bytes("SodiumChloride"), {16384, 8, 1}, 64)),
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
        "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887");
}

TEST(Scrypt, ComputesCostsBeyondTheRfcAsOthersDo)
{
    // Value from another implementation; OpenSSL refuses n of 2^16 for r of 1.
    EXPECT_EQ(hex(*scrypt(as_bytes("password"), as_bytes("NaCl"), {65'536, 1, 2}, 32)),
              "6a435edd142c70a0ab85918b9bdb943b3be223de0e644e309890c9e8100c88d9");
}

TEST(Scrypt, RefusesCostsThatAreNoCosts)
{
    for (const ScryptCost cost :
         {ScryptCost{0, 8, 1}, {1, 8, 1}, {3, 8, 1}, {1000, 8, 1}, {16, 0, 1}, {16, 8, 0}})
        EXPECT_EQ(scrypt({}, {}, cost, 32).error().kind, ErrorKind::invalid) << cost.n;
    EXPECT_EQ(scrypt({}, {}, {16, 1, 1}, 0).error().kind, ErrorKind::invalid);
}

TEST(Scrypt, RefusesMoreThanTheLimitsBeforeTakingMemory)
{
    const std::uint64_t huge = 1ULL << 63;
    for (const ScryptCost cost : {ScryptCost{huge, 8, 1},
                                  {16, huge, 1},
                                  {16, 8, huge},
                                  {1ULL << 30, 1ULL << 20, 1ULL << 20},
                                  {1ULL << 21, 8, 2},
                                  {1ULL << 21, 8, 1},
                                  {2, 1ULL << 23, 1},
                                  {262'144, 8, 9}})
        EXPECT_EQ(scrypt({}, {}, cost, 32).error().kind, ErrorKind::full) << cost.n;
    EXPECT_EQ(scrypt({}, {}, {16, 1, 1}, 1025).error().kind, ErrorKind::full);
    KdfLimits small;
    small.scrypt_memory_bytes = 128 * 8 * (1024 + 1 + 2);
    EXPECT_TRUE(scrypt({}, {}, {1024, 8, 1}, 32, small).has_value());
    EXPECT_EQ(scrypt({}, {}, {1024, 8, 2}, 32, small).error().kind, ErrorKind::full);
}

}  // namespace
}  // namespace ledger
