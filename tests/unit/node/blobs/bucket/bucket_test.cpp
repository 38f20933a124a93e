#include "node/blobs/bucket/bucket.hpp"

#include "tests/support/fake_bucket.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace node {
namespace {

using namespace ledger;
using namespace std::chrono_literals;
using inference::UpstreamFault;

Bytes bytes_of(std::string_view text)
{
    return {text.begin(), text.end()};
}

struct BucketTest : testing::Test {
    std::string header(const std::string& name) const
    {
        for (const auto& [known, value] : store->last().headers)
            if (known == name) return value;
        return {};
    }

    ManualClock clock;
    std::shared_ptr<FakeBucket> store = std::make_shared<FakeBucket>();
    BucketCounts counts;
    std::vector<std::string> told;
    BucketLimits limits{4, 1s, 10s, 1ms, 5s};
    Bucket bucket{
        store,
        *bucket_address(*parse_server_url("http://127.0.0.1:9000"), "bucket", "a/b", true),
        {"AKID", SecretBytes::copy_of(as_bytes("very secret")), "here"},
        clock,
        counts,
        [this](const std::string& reason) { told.push_back(reason); },
        limits};
};

TEST_F(BucketTest, GivesBackWhatWasPut)
{
    ASSERT_TRUE(bucket.put("one", bytes_of("0123456789")));
    EXPECT_EQ(store->objects().begin()->first, "a/b/one");
    EXPECT_EQ(*bucket.get("one", 0, 10), bytes_of("0123456789"));
    EXPECT_EQ(*bucket.get("one", 3, 4), bytes_of("3456"));
    EXPECT_EQ(*bucket.get("one", 8, 4), bytes_of("89"));
    EXPECT_TRUE(bucket.get("one", 10, 4)->empty());
    EXPECT_TRUE(bucket.get("two", 0, 4)->empty());
    store->ignores_ranges = true;
    EXPECT_EQ(*bucket.get("one", 3, 4), bytes_of("3456"));
    EXPECT_TRUE(bucket.get("one", 12, 4)->empty());
}

TEST_F(BucketTest, SignsEveryRequestWithTheHashOfItsBody)
{
    ASSERT_TRUE(bucket.put("one", bytes_of("Welcome to Amazon S3.")));
    EXPECT_EQ(header("x-amz-content-sha256"),
              "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");
    EXPECT_EQ(header("x-amz-date"), "20260101T000000Z");
    EXPECT_TRUE(header("authorization")
                    .starts_with("AWS4-HMAC-SHA256 Credential=AKID/20260101/here/s3/aws4_request, "
                                 "SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature="))
        << header("authorization");
    ASSERT_TRUE(bucket.remove({"one"}));
    EXPECT_TRUE(store->objects().empty());
    EXPECT_NE(header("authorization").find("=content-md5;host;x-amz"), std::string::npos);
    for (const auto& [name, value] : store->last().headers)
        EXPECT_EQ(value.find("very secret"), std::string::npos) << name;
}

TEST_F(BucketTest, ListsAndRemovesWhatBeginsAlike)
{
    for (const auto* key : {"x/1", "x/2", "y/1"}) ASSERT_TRUE(bucket.put(key, bytes_of("1")));
    store->set("a/other", bytes_of("of somebody else"));
    EXPECT_EQ(*bucket.list("x/"), (std::vector<std::string>{"x/1", "x/2"}));
    ASSERT_TRUE(bucket.remove({"x/1", "x/2", "not there"}));
    EXPECT_TRUE(bucket.list("x/")->empty());
    EXPECT_EQ(store->objects().size(), 2u);
}

TEST_F(BucketTest, ListsPageByPage)
{
    for (const auto* key : {"x/1", "x/2", "x/3", "y/1"}) store->set("a/b/" + std::string{key}, {1});
    store->page = 2;
    const auto first = bucket.page("x/", {});
    ASSERT_TRUE(first);
    EXPECT_EQ(first->keys, (std::vector<std::string>{"x/1", "x/2"}));
    EXPECT_TRUE(first->has_more);
    const auto second = bucket.page("x/", "x/2");
    ASSERT_TRUE(second);
    EXPECT_EQ(second->keys, std::vector<std::string>{"x/3"});
    EXPECT_FALSE(second->has_more);
    store->fail({store->call(store->last(), {})});
    const auto again = bucket.page("x/", "x/3");
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->keys.empty()) << "a store that gives what was asked before ends it";
    EXPECT_FALSE(again->has_more);
}

TEST_F(BucketTest, AsksAgainWhereTheStoreFailsOrNobodyAnswers)
{
    for (const auto& trouble :
         {FakeBucket::refused(503, "SlowDown"), FakeBucket::refused(500, ""),
          FakeBucket::refused(400, "RequestTimeout"), FakeBucket::refused(429, ""),
          FakeBucket::broken(UpstreamFault::unreachable), FakeBucket::broken(UpstreamFault::broken),
          FakeBucket::broken(UpstreamFault::deadline), FakeBucket::broken(UpstreamFault::busy)}) {
        store->fail({trouble, trouble, trouble});
        EXPECT_TRUE(bucket.put("one", bytes_of("1")));
        EXPECT_EQ(store->take_calls().size(), 4u);
    }
    EXPECT_EQ(counts.retries, 24u);
    EXPECT_EQ(counts.failures, 0u);
    EXPECT_TRUE(counts.is_up);
}

TEST_F(BucketTest, GivesUpAfterSomeAttemptsAndLeavesTheStoreAlone)
{
    store->fail_all(FakeBucket::broken(UpstreamFault::unreachable));
    const auto put = bucket.put("one", bytes_of("1"));
    ASSERT_FALSE(put);
    EXPECT_EQ(put.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(put.error().detail,
              "the bucket bucket at 127.0.0.1:9000 cannot be reached: as the test wants it");
    EXPECT_EQ(store->take_calls().size(), 4u);
    EXPECT_EQ(bucket.get("one", 0, 1).error().detail, put.error().detail);
    EXPECT_TRUE(store->take_calls().empty()) << "it rests";
    store->fail_all({});
    clock.advance(5s);
    EXPECT_TRUE(bucket.put("one", bytes_of("1")));
    EXPECT_EQ(told, (std::vector<std::string>{put.error().detail, ""}));
    EXPECT_EQ(counts.failures, 1u);
}

TEST_F(BucketTest, GoesOnBeingAskedWhereTidyingFails)
{
    ASSERT_TRUE(bucket.put("one", bytes_of("1")));
    store->take_calls();
    store->fail_all(FakeBucket::broken(UpstreamFault::unreachable));
    const auto cleaned = bucket.clean({"one"});
    ASSERT_FALSE(cleaned);
    EXPECT_EQ(cleaned.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(store->take_calls().size(), 1u) << "nothing depends on it";
    store->fail_all({});
    EXPECT_TRUE(bucket.put("two", bytes_of("2")));
    EXPECT_TRUE(bucket.clean({"one"}));
    EXPECT_EQ(counts.failures, 0u);
}

TEST_F(BucketTest, DoesNotAskAgainWhereItIsRefused)
{
    store->fail_all(FakeBucket::refused(403, "SignatureDoesNotMatch"));
    const auto put = bucket.put("one", bytes_of("1"));
    EXPECT_EQ(put.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(put.error().detail,
              "the bucket bucket at 127.0.0.1:9000 answers SignatureDoesNotMatch, status 403: look "
              "at blobs.bucket.accessKey, its secretFile, and what the key may do");
    EXPECT_EQ(store->take_calls().size(), 1u);
    clock.advance(5s);
    EXPECT_FALSE(bucket.put("one", bytes_of("1")));
    EXPECT_EQ(told.size(), 1u) << "once is enough";
}

TEST_F(BucketTest, TakesOnlyAMissingObjectForMissing)
{
    for (const auto& trouble :
         {FakeBucket::refused(404, "NoSuchBucket"), FakeBucket::refused(404, ""),
          FakeBucket::refused(301, "PermanentRedirect"),
          FakeBucket::broken(UpstreamFault::untrusted),
          FakeBucket::broken(UpstreamFault::too_large),
          FakeBucket::broken(UpstreamFault::malformed)}) {
        store->fail({trouble});
        EXPECT_EQ(bucket.get("one", 0, 4).error().kind, ErrorKind::unavailable);
        clock.advance(5s);
    }
    store->fail({FakeBucket::refused(404, "NoSuchKey")});
    EXPECT_TRUE(bucket.get("one", 0, 4)->empty());
}

TEST_F(BucketTest, BelievesNobodyWhoAnswersUnlikeAnObjectStore)
{
    store->has_etags = false;
    EXPECT_EQ(bucket.put("one", bytes_of("1")).error().kind, ErrorKind::unavailable);
    clock.advance(5s);
    EXPECT_EQ(bucket.get("one", 0, 1).error().kind, ErrorKind::unavailable);
    clock.advance(5s);
    inference::UpstreamReply other{206, {{"ETag", "x"}, {"Content-Range", "bytes 7-8/9"}}, {}};
    store->fail({other});
    EXPECT_EQ(bucket.get("one", 0, 2).error().kind, ErrorKind::unavailable);
    clock.advance(5s);
    store->fail({inference::UpstreamReply{200, {}, bytes_of("<html>Log in</html>")}});
    EXPECT_EQ(bucket.list("x/").error().kind, ErrorKind::unavailable);
    clock.advance(5s);
    store->fail({inference::UpstreamReply{
        200,
        {},
        bytes_of("<DeleteResult><Error><Code>AccessDenied</Code></Error></DeleteResult>")}});
    EXPECT_EQ(bucket.remove({"x"}).error().kind, ErrorKind::unavailable);
}

TEST_F(BucketTest, IsAskedOnlyOnceWhetherItIsThere)
{
    store->fail_all(FakeBucket::refused(503, "SlowDown"));
    EXPECT_FALSE(bucket.probe());
    EXPECT_EQ(
        store->take_calls(),
        std::vector<std::string>{"GET /bucket/?list-type=2&max-keys=1000&prefix=a%2Fb%2Ftrial"});
    store->fail_all({});
    clock.advance(5s);
    EXPECT_TRUE(bucket.probe());
}

TEST_F(BucketTest, StopsWaitingWhenItIsToldTo)
{
    Bucket patient{store,
                   bucket.address(),
                   {"AKID", SecretBytes::copy_of(as_bytes("s")), "here"},
                   clock,
                   counts,
                   {},
                   {4, 1s, 24h, 1h, 5s}};
    store->fail_all(FakeBucket::refused(503, "SlowDown"));
    Result<void> put;
    std::thread caller{[&] { put = patient.put("one", bytes_of("1")); }};
    while (store->take_calls().empty()) std::this_thread::yield();
    patient.stop();
    caller.join();
    EXPECT_EQ(put.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(patient.get("one", 0, 1).error().kind, ErrorKind::unavailable);
}

TEST(BucketAddress, NamesTheBucketInThePathOrInTheHost)
{
    const auto url = *parse_server_url("https://s3.example.com/base");
    const auto path = *bucket_address(url, "our-bucket", "nodes/one", true);
    EXPECT_EQ(path.label(), "https://s3.example.com/base/our-bucket/nodes/one/");
    const auto host = *bucket_address(url, "our-bucket", "", false);
    EXPECT_EQ(host.url.authority(), "our-bucket.s3.example.com");
    EXPECT_EQ(host.label(), "https://our-bucket.s3.example.com/base/");
}

TEST(BucketAddress, HasNamesAndPrefixesThatNeedNoEscape)
{
    const auto url = *parse_server_url("https://s3.example.com");
    for (const auto* name : {"", "ab", "Bucket", "-abc", "abc-", "a/bc", "a_bc"})
        EXPECT_FALSE(bucket_address(url, name, "", true)) << name;
    EXPECT_FALSE(bucket_address(url, std::string(64, 'a'), "", true));
    for (const auto* prefix : {"/a", "a//b", "a b", "a&b", "a<b", "\xc3\xa9"})
        EXPECT_FALSE(bucket_address(url, "abc", prefix, true)) << prefix;
    EXPECT_EQ(bucket_address(url, "abc", "a/b/", true)->prefix, "a/b/");
}

}  // namespace
}  // namespace node
