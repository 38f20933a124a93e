#include "node/blobs/bucket/bucket_answers.hpp"

#include <gtest/gtest.h>

namespace node::bucket_answers {
namespace {

constexpr auto listing =
    R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name>
<Prefix>a/b/</Prefix><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>
<Contents><Key>a/b/00000000</Key><Size>12</Size></Contents>
<Contents><Key>a/b/00000007</Key><Size>12</Size></Contents></ListBucketResult>)";

TEST(BucketAnswers, ReadTheKeysOfAListing)
{
    EXPECT_EQ(*listed_keys(listing, "a/b/"),
              (std::vector<std::string>{"a/b/00000000", "a/b/00000007"}));
    EXPECT_TRUE(listed_keys("<ListBucketResult/>", "a/")->empty());
}

TEST(BucketAnswers, TellWhetherMoreKeysFollow)
{
    EXPECT_FALSE(has_more_keys(listing));
    EXPECT_TRUE(has_more_keys("<ListBucketResult><IsTruncated>true</IsTruncated>"));
    EXPECT_FALSE(has_more_keys("<ListBucketResult/>"));
}

TEST(BucketAnswers, RefuseAListingOfOtherThings)
{
    EXPECT_FALSE(listed_keys(listing, "a/c/")) << "they would be removed";
    EXPECT_FALSE(listed_keys("<ListBucketResult><Key>a/b&lt;</Key></ListBucketResult>", "a/b"));
    EXPECT_FALSE(listed_keys("<html>Log in first</html>", "a/"));
    EXPECT_FALSE(listed_keys("", "a/"));
    std::string many = "<ListBucketResult>";
    for (std::size_t i = 0; i <= most_keys; ++i) many += "<Key>a/1</Key>";
    EXPECT_FALSE(listed_keys(many, "a/"));
}

TEST(BucketAnswers, ReadACodeAndNothingElseOfAnError)
{
    EXPECT_EQ(error_code("<Error><Code>NoSuchKey</Code><Message>x</Message></Error>"), "NoSuchKey");
    EXPECT_EQ(error_code("<Error><Code>two words</Code></Error>"), "");
    EXPECT_EQ(error_code("<Error><Code>" + std::string(65, 'a') + "</Code></Error>"), "");
    EXPECT_EQ(error_code("<Code>NoEnd"), "");
    EXPECT_EQ(error_code(""), "");
}

TEST(BucketAnswers, TellWhenAnythingWasNotRemoved)
{
    EXPECT_EQ(*removal_error(R"(<DeleteResult xmlns="http://x"></DeleteResult>)"), "");
    EXPECT_EQ(*removal_error("<DeleteResult/>"), "");
    EXPECT_EQ(*removal_error("<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code></Error>"
                             "</DeleteResult>"),
              "AccessDenied");
    EXPECT_EQ(*removal_error("<DeleteResult><Error><Key>a</Key></Error></DeleteResult>"),
              "an error without a code");
    EXPECT_FALSE(removal_error("<Error><Code>SlowDown</Code></Error>"));
    EXPECT_FALSE(removal_error(""));
}

TEST(BucketAnswers, WriteWhatIsToBeRemoved)
{
    EXPECT_EQ(removal_text({"a/1", "a/2"}),
              "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>"
              "<Object><Key>a/1</Key></Object><Object><Key>a/2</Key></Object></Delete>");
}

TEST(BucketAnswers, KnowTheKeysThatAreOurs)
{
    EXPECT_TRUE(is_plain_key("nodes/one/5a5a/00000001"));
    for (const auto* key : {"", "a b", "a&b", "a<b", "a%b", "\xc3\xa9"})
        EXPECT_FALSE(is_plain_key(key)) << key;
    EXPECT_FALSE(is_plain_key(std::string(1'025, 'a')));
}

}  // namespace
}  // namespace node::bucket_answers
