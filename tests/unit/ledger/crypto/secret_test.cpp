#include "ledger/crypto/secret.hpp"

#include <gtest/gtest.h>

namespace ledger {
namespace {

TEST(SecretBytes, MovesWithoutLeavingACopy)
{
    auto from = SecretBytes::copy_of(as_bytes("a secret"));
    const auto* where = from.view().data();
    SecretBytes to = std::move(from);
    EXPECT_EQ(to.view().data(), where);
    EXPECT_EQ(from.size(), 0U);  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(as_text(to.view()), "a secret");
    EXPECT_EQ(as_text(to.clone().view()), "a secret");
}

TEST(SecretBytes, OverwritesWhatItHeldWhenMovedOver)
{
    auto holder = SecretBytes::copy_of(as_bytes("old"));
    holder = SecretBytes::copy_of(as_bytes("newer"));
    EXPECT_EQ(as_text(holder.view()), "newer");
    auto& itself = holder;
    holder = std::move(itself);
    EXPECT_EQ(as_text(holder.view()), "newer");
}

TEST(Wipe, LeavesZeros)
{
    Bytes bytes(40, 7);
    wipe(bytes);
    EXPECT_EQ(bytes, Bytes(40));
    wipe({});
}

TEST(EqualInConstantTime, ComparesLengthAndBytes)
{
    EXPECT_TRUE(equal_in_constant_time({}, {}));
    EXPECT_TRUE(equal_in_constant_time(as_bytes("abc"), as_bytes("abc")));
    EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("abd")));
    EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("ab")));
}

}  // namespace
}  // namespace ledger
