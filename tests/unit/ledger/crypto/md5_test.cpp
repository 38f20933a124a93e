#include "ledger/crypto/md5.hpp"

#include "ledger/base/hex.hpp"

#include <gtest/gtest.h>

namespace ledger {
namespace {

/// RFC 1321 A.5
TEST(Md5, GivesThePublishedDigests)
{
    EXPECT_EQ(to_hex(md5({}).view()), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(to_hex(md5(as_bytes("message digest")).view()), "f96b697d7cb7938d525a2f31aaf161d0");
}

}  // namespace
}  // namespace ledger
