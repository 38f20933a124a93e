#include "ledger/crypto/address.hpp"

#include "ledger/base/hex.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace ledger {
namespace {

/// The test cases of EIP-55.
const char* const published[] = {
    "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"};

TEST(Addresses, WriteTheChecksumsOfEip55)
{
    for (const std::string text : published)
        EXPECT_EQ(to_checksum(*id_from_hex<Address>(text)), text);
}

TEST(Addresses, ReadEitherCaseAlone)
{
    for (const std::string text : published) {
        std::string lower = text, upper = text;
        std::transform(text.begin() + 2, text.end(), lower.begin() + 2, ::tolower);
        std::transform(text.begin() + 2, text.end(), upper.begin() + 2, ::toupper);
        EXPECT_EQ(parse_address(text), id_from_hex<Address>(text));
        EXPECT_EQ(parse_address(lower), id_from_hex<Address>(text));
        EXPECT_EQ(parse_address(upper), id_from_hex<Address>(text));
    }
}

TEST(Addresses, RefuseAWrongChecksum)
{
    EXPECT_FALSE(parse_address("0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
    EXPECT_FALSE(parse_address("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
    EXPECT_FALSE(parse_address("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee"));
}

TEST(Addresses, RefuseEverythingElse)
{
    EXPECT_FALSE(parse_address(""));
    EXPECT_FALSE(parse_address("0x"));
    EXPECT_FALSE(parse_address("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
    EXPECT_FALSE(parse_address("0X5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
    EXPECT_FALSE(parse_address("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe"));
    EXPECT_FALSE(parse_address("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed0"));
    EXPECT_FALSE(parse_address("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg"));
    EXPECT_FALSE(parse_address("0x0x5aeb6053f3e94c9b9a09f33669435e7ef1beae"));
}

}  // namespace
}  // namespace ledger
