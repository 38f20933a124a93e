#include "node/blobs/bucket/signature.hpp"

#include "ledger/crypto/sha256.hpp"

#include <gtest/gtest.h>

namespace node::signature {
namespace {

using namespace ledger;

SecretBytes secret(std::string_view text)
{
    return SecretBytes::copy_of(as_bytes(text));
}

/// The examples of Amazon's page "Signature Calculations for the Authorization Header".
struct PublishedExamples : testing::Test {
    std::string sign(const Request& request) const
    {
        const auto value = authorization(signer, request, date);
        return value.substr(value.rfind('=') + 1);
    }
    const Signer signer{"AKIAIOSFODNN7EXAMPLE", secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                        "us-east-1"};
    const std::string date = "20130524T000000Z";
    const std::string host = "examplebucket.s3.amazonaws.com";
    const Hash empty = sha256({});
    const std::string empty_hex =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
};

TEST_F(PublishedExamples, GetAnObjectInPart)
{
    const Request request{"GET",
                          "/test.txt",
                          "",
                          {{"host", host},
                           {"range", "bytes=0-9"},
                           {"x-amz-content-sha256", empty_hex},
                           {"x-amz-date", date}},
                          empty};
    EXPECT_EQ(authorization(signer, request, date),
              "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
              " SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
              "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST_F(PublishedExamples, PutAnObject)
{
    const auto hash = sha256(as_bytes("Welcome to Amazon S3."));
    const Request request{"PUT",
                          "/test%24file.text",
                          "",
                          {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
                           {"host", host},
                           {"x-amz-content-sha256",
                            "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"},
                           {"x-amz-date", date},
                           {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                          hash};
    EXPECT_EQ(sign(request), "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST_F(PublishedExamples, AskForASubresourceWithoutAValue)
{
    const Request request{
        "GET",
        "/",
        "lifecycle=",
        {{"host", host}, {"x-amz-content-sha256", empty_hex}, {"x-amz-date", date}},
        empty};
    EXPECT_EQ(sign(request), "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST_F(PublishedExamples, ListObjects)
{
    const Request request{
        "GET",
        "/",
        "max-keys=2&prefix=J",
        {{"host", host}, {"x-amz-content-sha256", empty_hex}, {"x-amz-date", date}},
        empty};
    EXPECT_EQ(sign(request), "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

/// get-vanilla and post-vanilla of the "aws-sig-v4-test-suite".
TEST(PublishedTestSuite, SignsVanillaRequests)
{
    const Signer signer{"AKIDEXAMPLE", secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                        "us-east-1", "service"};
    const std::string date = "20150830T123600Z";
    Request request{
        "GET", "/", "", {{"host", "example.amazonaws.com"}, {"x-amz-date", date}}, sha256({})};
    EXPECT_EQ(authorization(signer, request, date),
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
              "SignedHeaders=host;x-amz-date, "
              "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    request.method = "POST";
    EXPECT_NE(authorization(signer, request, date)
                  .find("5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
              std::string::npos);
}

TEST(Signature, WritesTheTimeAsTheHeaderWantsIt)
{
    EXPECT_EQ(date_text(TimeMs{1'369'353'600'000}), "20130524T000000Z");
    EXPECT_EQ(date_text(TimeMs{1'440'938'160'999}), "20150830T123600Z");
    EXPECT_EQ(date_text(TimeMs{0}), "19700101T000000Z");
    EXPECT_EQ(date_text(TimeMs{1'709'251'199'000}), "20240229T235959Z");
}

TEST(Signature, EncodesWhatMayNotStandInAQuery)
{
    EXPECT_EQ(encoded("a/B-1._~ +%"), "a%2FB-1._~%20%2B%25");
    EXPECT_EQ(encoded("\xc3\xa9"), "%C3%A9");
}

}  // namespace
}  // namespace node::signature
