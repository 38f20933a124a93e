#include "node/upstream/server_url.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

TEST(ServerUrl, HasHostPortAndBase)
{
    const auto plain = parse_server_url("http://triton:8000");
    ASSERT_TRUE(plain);
    EXPECT_FALSE(plain->tls);
    EXPECT_EQ(plain->authority(), "triton:8000");
    EXPECT_EQ(plain->base, "");
    const auto secure = parse_server_url("https://api.example/openai/v1/");
    ASSERT_TRUE(secure);
    EXPECT_TRUE(secure->tls);
    EXPECT_EQ(secure->port, "443");
    EXPECT_EQ(secure->authority(), "api.example");
    EXPECT_EQ(secure->base, "/openai/v1");
    const auto six = parse_server_url("http://[::1]:80/");
    ASSERT_TRUE(six);
    EXPECT_EQ(six->host, "::1");
    EXPECT_EQ(six->authority(), "[::1]");
    EXPECT_TRUE(six->is_loopback());
    EXPECT_FALSE(secure->is_loopback());
}

TEST(ServerUrl, IsRefusedWhereItSaysAnythingElse)
{
    for (const auto* text :
         {"", "triton:8000", "ftp://x", "http://", "http://:80", "http://x:", "http://x:99999",
          "http://x:8x", "http://user@x", "http://x?y", "http://x#y", "http://x y", "http://x\r\ny",
          "http://[::1", "http://[::1]80", "http://::1", "http://x\\y", "http://\xc3\xa9"})
        EXPECT_FALSE(parse_server_url(text)) << text;
    EXPECT_FALSE(parse_server_url("http://" + std::string(600, 'x')));
}

}  // namespace
}  // namespace node
