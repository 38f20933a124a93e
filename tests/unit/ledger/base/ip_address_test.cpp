#include "ledger/base/ip_address.hpp"

#include <gtest/gtest.h>

namespace ledger {
namespace {

TEST(IpAddress, IsReadFromTextAndNothingElseIs)
{
    EXPECT_TRUE(is_ipv4(*ip_from_text("192.0.2.1")));
    EXPECT_EQ(*ip_from_text("::ffff:192.0.2.1"), *ip_from_text("192.0.2.1"));
    EXPECT_FALSE(is_ipv4(*ip_from_text("2001:db8::1")));
    for (const std::string_view text :
         {std::string_view{""}, std::string_view{"host"}, std::string_view{"127.1"},
          std::string_view{"[::1]"}, std::string_view{"1.2.3.4\0x", 9},
          std::string_view{"1.2.3.4                                       "}})
        EXPECT_FALSE(ip_from_text(text)) << text;
}

TEST(IpAddress, KnowsHostsOfANetworkOfItsOwn)
{
    for (const auto* host : {"localhost", "127.0.0.1", "::1", "10.0.0.1", "192.168.1.5", "fd00::1",
                             "fe80::1", "169.254.169.254", "::ffff:169.254.169.254", "224.0.0.1",
                             "0.0.0.0", "::", "2002:7f00:1::", "2001:0:a00:1::1"})
        EXPECT_TRUE(is_private_host(host)) << host;
    for (const auto* host : {"8.8.8.8", "2a00::1", "store.example", "127.1", ""})
        EXPECT_FALSE(is_private_host(host)) << host;
}

}  // namespace
}  // namespace ledger
