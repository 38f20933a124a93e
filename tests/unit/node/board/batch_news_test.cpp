#include "node/board/batch_news.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

const std::string root = "0x" + std::string(64, 'a');

TEST(BatchNews, SaysWhichBatchComesAndHowLargeItIs)
{
    const auto news = parse_batch_news(R"({"root":")" + root + R"(","bytes":"4096","step":[7]})");
    ASSERT_TRUE(news);
    EXPECT_EQ(news->root.bytes[0], 0xaa);
    EXPECT_EQ(news->bytes, 4'096u);
    EXPECT_FALSE(news->manifest);
    const auto bound =
        parse_batch_news(R"({"root":")" + root + R"(","bytes":"1","manifest":")" + root + R"("})");
    ASSERT_TRUE(bound);
    EXPECT_EQ(bound->manifest, bound->root);
    const auto number = parse_batch_news(R"({"root":")" + root + R"(","bytes":4096})");
    ASSERT_TRUE(number);
    EXPECT_EQ(number->bytes, 4'096u);
}

TEST(BatchNews, RefusesABodyThatDoesNotSayWhich)
{
    const auto refusal = [](const std::string& body) {
        return parse_batch_news(body).error().detail;
    };
    const auto with = [](const std::string& rest) {
        return R"({"root":")" + root + "\"" + rest + "}";
    };
    EXPECT_FALSE(parse_batch_news(""));
    EXPECT_FALSE(parse_batch_news(with(R"(,"bytes":"1")") + "x"));
    EXPECT_EQ(refusal("[]"), "the body names no batch");
    EXPECT_EQ(refusal(R"({"bytes":"1"})"), "root is 0x and 64 hex digits");
    EXPECT_EQ(refusal(R"({"root":"0xaa","bytes":"1"})"), "root is 0x and 64 hex digits");
    EXPECT_EQ(refusal(R"({"root":")" + root.substr(2) + R"(","bytes":"1"})"),
              "root is 0x and 64 hex digits");
    for (const auto* bytes :
         {"", R"(,"bytes":0)", R"(,"bytes":-1)", R"(,"bytes":1.5)", R"(,"bytes":"0")",
          R"(,"bytes":"-1")", R"(,"bytes":"99999999999999999999")"})
        EXPECT_EQ(refusal(with(bytes)), "bytes is a whole number, at least 1") << bytes;
    EXPECT_EQ(refusal(with(R"(,"bytes":"1","manifest":null)")), "manifest is 0x and 64 hex digits");
    EXPECT_FALSE(parse_batch_news(with(R"(,"bytes":"1","deep":[[[[[[[[[[]]]]]]]]]])")));
}

}  // namespace
}  // namespace node
