// Requests that two programs could read differently (RFC 9112 11.2): each must be answered with
// 400 and a closed connection, and nothing after it may be taken for a request.
#include "node/http/head.hpp"
#include "tests/unit/node/http/server_fixture.hpp"

namespace node {
namespace {

struct Hostile {
    const char* name;
    std::string bytes;
};

const std::string next = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

std::string with(const std::string& fields, const std::string& body = {})
{
    return "POST /echo HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n" + body;
}

std::vector<Hostile> corpus()
{
    using namespace std::string_literals;
    return {
        {"BothLengths", with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
        {"BothLengthsTheOtherWay",
         with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")},
        {"TwoEqualLengths", with("Content-Length: 3\r\nContent-Length: 3\r\n", "abc")},
        {"TwoDifferentLengths", with("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd")},
        {"LengthList", with("Content-Length: 3, 3\r\n", "abc")},
        {"LengthPlus", with("Content-Length: +3\r\n", "abc")},
        {"LengthNegative", with("Content-Length: -3\r\n", "abc")},
        {"LengthHex", with("Content-Length: 0x3\r\n", "abc")},
        {"LengthOverflow64", with("Content-Length: 18446744073709551619\r\n", "abc")},
        {"LengthOverflowLong", with("Content-Length: 99999999999999999999999999999999\r\n", "abc")},
        {"LengthEmpty", with("Content-Length: \r\n", "abc")},
        {"LengthInnerSpace", with("Content-Length: 1 3\r\n", "abc")},
        {"LengthUnderscoreDigits", with("Content-Length: 1_0\r\n", "abcdefghij")},
        {"LengthFraction", with("Content-Length: 3.0\r\n", "abc")},
        {"LengthSpaceBeforeColon", with("Content-Length : 3\r\n", "abc")},
        {"LengthTabBeforeColon", with("Content-Length\t: 3\r\n", "abc")},
        {"CodingIdentity", with("Transfer-Encoding: identity\r\n", "abc")},
        {"CodingGzipChunked", with("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")},
        {"CodingChunkedTwice", with("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n")},
        {"CodingTwoFields",
         with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
        {"CodingMisspelt", with("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")},
        {"CodingQuoted", with("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n")},
        {"CodingVerticalTab", with("Transfer-Encoding: \x0b"
                                   "chunked\r\n",
                                   "0\r\n\r\n")},
        {"CodingSpaceBeforeColon", with("Transfer-Encoding : chunked\r\n", "0\r\n\r\n")},
        {"CodingFolded", with("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n")},
        {"CodingEmpty", with("Transfer-Encoding: \r\n", "0\r\n\r\n")},
        {"CodingOnOldVersion",
         "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {"FoldedField", with("X-A: one\r\n two\r\n")},
        {"FoldedWithTab", with("X-A: one\r\n\ttwo\r\n")},
        {"FirstFieldFolded", "GET /hello HTTP/1.1\r\n Host: x\r\n\r\n"},
        {"BareLineFeeds", "GET /hello HTTP/1.1\nHost: x\n\n"},
        {"BareLineFeedInFields", with("X-A: one\nContent-Length: 3\r\n")},
        {"BareLineFeedAtTheEnd", "GET /hello HTTP/1.1\r\nHost: x\r\n\n"},
        {"BareCarriageReturn", with("X-A: one\rContent-Length: 3\r\n")},
        {"DoubleCarriageReturn", with("X-A: one\r\r\n")},
        {"NulInName", with("X-A\0: one\r\n"s)},
        {"NulInValue", with("X-A: o\0ne\r\n"s)},
        {"NulInTarget", "GET /he\0llo HTTP/1.1\r\nHost: x\r\n\r\n"s},
        {"ControlInValue", with("X-A: o\x01ne\r\n")},
        {"DeleteInValue", with("X-A: o\x7fne\r\n")},
        {"NoColon", with("X-A\r\n")},
        {"EmptyName", with(": one\r\n")},
        {"SpaceInName", with("X A: one\r\n")},
        {"NonAsciiName", with("X-\xc3\xa9: one\r\n")},
        {"BracketInName", with("X(A): one\r\n")},
        {"OldestVersion", "GET /hello\r\n\r\n"},
        {"NoVersionWithSpace", "GET /hello \r\nHost: x\r\n\r\n"},
        {"TwoSpaces", "GET  /hello HTTP/1.1\r\nHost: x\r\n\r\n"},
        {"TwoSpacesBeforeVersion", "GET /hello  HTTP/1.1\r\nHost: x\r\n\r\n"},
        {"SpaceInTarget", "GET /hel lo HTTP/1.1\r\nHost: x\r\n\r\n"},
        {"TabInRequestLine", "GET\t/hello\tHTTP/1.1\r\nHost: x\r\n\r\n"},
        {"SpaceAfterVersion", "GET /hello HTTP/1.1 \r\nHost: x\r\n\r\n"},
        {"LeadingSpace", " GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"},
        {"LowerCaseVersion", "GET /hello http/1.1\r\nHost: x\r\n\r\n"},
        {"LongVersion", "GET /hello HTTP/1.10\r\nHost: x\r\n\r\n"},
        {"NoMethod", "/hello HTTP/1.1\r\nHost: x\r\n\r\n"},
        {"BadMethod", "G(T /hello HTTP/1.1\r\nHost: x\r\n\r\n"},
        {"NoHost", "GET /hello HTTP/1.1\r\n\r\n"},
        {"TwoHosts", "GET /hello HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"},
        {"EmptyHost", "GET /hello HTTP/1.1\r\nHost: \r\n\r\n"},
        {"HostWithPath", "GET /hello HTTP/1.1\r\nHost: x/y\r\n\r\n"},
        {"HostWithUser", "GET /hello HTTP/1.1\r\nHost: u@x\r\n\r\n"},
        {"HostWithBadPort", "GET /hello HTTP/1.1\r\nHost: x:8x\r\n\r\n"},
        {"HostList", "GET /hello HTTP/1.1\r\nHost: x, y\r\n\r\n"},
        {"AuthorityForm", "CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n"},
        {"AbsoluteOtherHost", "GET http://y/hello HTTP/1.1\r\nHost: x\r\n\r\n"},
        {"AbsoluteWithUser", "GET http://u@x/hello HTTP/1.1\r\nHost: x\r\n\r\n"},
        {"AbsoluteOtherScheme", "GET ftp://x/hello HTTP/1.1\r\nHost: x\r\n\r\n"},
        {"AbsoluteNoHost", "GET http:///hello HTTP/1.1\r\nHost: x\r\n\r\n"},
        {"RelativeTarget", "GET hello HTTP/1.1\r\nHost: x\r\n\r\n"},
        {"AsteriskWithGet", "GET * HTTP/1.1\r\nHost: x\r\n\r\n"},
        {"Fragment", "GET /hello#x HTTP/1.1\r\nHost: x\r\n\r\n"},
        {"DotSegments", "GET /a/../hello HTTP/1.1\r\nHost: x\r\n\r\n"},
        {"EncodedDotSegments", "GET /a/%2e%2E/hello HTTP/1.1\r\nHost: x\r\n\r\n"},
        {"EncodedNul", "GET /hello%00 HTTP/1.1\r\nHost: x\r\n\r\n"},
        {"HalfPercentCode", "GET /hello%4 HTTP/1.1\r\nHost: x\r\n\r\n"},
        {"NonAsciiTarget", "GET /h\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n"},
        {"ChunkSizeNegative", with("Transfer-Encoding: chunked\r\n", "-3\r\nabc\r\n0\r\n\r\n")},
        {"ChunkSizePrefixed", with("Transfer-Encoding: chunked\r\n", "0x3\r\nabc\r\n0\r\n\r\n")},
        {"ChunkSizeSpaced", with("Transfer-Encoding: chunked\r\n", "3 \r\nabc\r\n0\r\n\r\n")},
        {"ChunkSizeSpaceFirst", with("Transfer-Encoding: chunked\r\n", " 3\r\nabc\r\n0\r\n\r\n")},
        {"ChunkSizeOverflow",
         with("Transfer-Encoding: chunked\r\n", "10000000000000003\r\nabc\r\n0\r\n\r\n")},
        {"ChunkSizeEmpty", with("Transfer-Encoding: chunked\r\n", "\r\nabc\r\n0\r\n\r\n")},
        {"ChunkBareLineFeed", with("Transfer-Encoding: chunked\r\n", "3\nabc\r\n0\r\n\r\n")},
        {"ChunkExtensionLineFeed", with("Transfer-Encoding: chunked\r\n", "3;a\nabc\r\n0\r\n\r\n")},
        {"ChunkExtensionControl",
         with("Transfer-Encoding: chunked\r\n", "3;a\x01\r\nabc\r\n0\r\n\r\n")},
        {"ChunkLongerThanSaid", with("Transfer-Encoding: chunked\r\n", "3\r\nabcd\r\n0\r\n\r\n")},
        {"ChunkEndedByLineFeed", with("Transfer-Encoding: chunked\r\n", "3\r\nabc\n0\r\n\r\n")},
        {"TrailerMalformed", with("Transfer-Encoding: chunked\r\n", "0\r\nX-A : one\r\n\r\n")},
        {"TrailerFolded", with("Transfer-Encoding: chunked\r\n", "0\r\nX-A: one\r\n two\r\n\r\n")},
    };
}

class Smuggling : public ServerTest, public testing::WithParamInterface<Hostile> {};

TEST_P(Smuggling, IsRefusedAndTheConnectionEnds)
{
    add_common_routes();
    start();
    auto caller = client();
    const auto answer = caller.ask(GetParam().bytes + next);
    EXPECT_EQ(answer.status, 400u) << answer.head << answer.body;
    EXPECT_EQ(answer.header("Connection"), "close");
    EXPECT_NE(answer.body.find("\"error\""), std::string::npos);
    caller.finish_sending();
    EXPECT_TRUE(caller.closed());  // the request behind it was not answered
}

INSTANTIATE_TEST_SUITE_P(Corpus, Smuggling, testing::ValuesIn(corpus()),
                         [](const auto& test) { return std::string{test.param.name}; });

struct HeadTest : testing::Test {
    RequestHead head;
};

TEST_F(HeadTest, AcceptsWhatStockClientsSend)
{
    const std::string raw =
        "POST /v2/models/mnist/infer?x=1&y=a+b%26 HTTP/1.1\r\nhost: LOCALHOST:8700\r\n"
        "Accept: */*\r\nX-Empty:\r\nX-Text: caf\xc3\xa9 \t\r\nContent-Length:  12 \r\n"
        "Connection: keep-alive, Upgrade\r\nPAYMENT-signature: abc=\r\n\r\n";
    const auto parsed = parse_head(raw, head);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(head.method, Method::post);
    EXPECT_EQ(head.target.path(), "/v2/models/mnist/infer");
    EXPECT_EQ(head.target.parameter("x"), "1");
    EXPECT_EQ(head.target.parameter("y"), "a b&");
    EXPECT_EQ(head.target.parameter("z"), std::nullopt);
    EXPECT_EQ(head.content_length, 12u);
    EXPECT_EQ(head.header("Payment-Signature"), "abc=");
    EXPECT_EQ(head.header("x-empty"), "");
    EXPECT_EQ(head.header("X-Text"), "caf\xc3\xa9");
    EXPECT_TRUE(head.keep_alive);
}

TEST_F(HeadTest, TakesHostsOfEveryKind)
{
    for (const auto* host : {"a", "a.example:80", "127.0.0.1", "[::1]", "[::1]:8700", "a_b-c"}) {
        const auto raw = "GET / HTTP/1.1\r\nHost: " + std::string{host} + "\r\n\r\n";
        EXPECT_TRUE(parse_head(raw, head)) << host;
    }
    for (const auto* host : {"[::1", "[::1]x", "[zz]", "a:b", "a b", "a#b"}) {
        const auto raw = "GET / HTTP/1.1\r\nHost: " + std::string{host} + "\r\n\r\n";
        EXPECT_FALSE(parse_head(raw, head)) << host;
    }
}

TEST_F(HeadTest, TakesTheAbsoluteFormOfTheSameHost)
{
    ASSERT_TRUE(parse_head("GET HTTP://X:8700/a/b?c HTTP/1.1\r\nHost: x:8700\r\n\r\n", head));
    EXPECT_EQ(head.target.path(), "/a/b");
    EXPECT_EQ(head.target.segments().size(), 2u);
    ASSERT_TRUE(parse_head("GET http://x HTTP/1.1\r\nHost: x\r\n\r\n", head));
    EXPECT_EQ(head.target.path(), "/");
}

TEST_F(HeadTest, RefusesABadLineBeforeTheRestIsThereAndNoPartOfAGoodHead)
{
    const std::string good = "GET /v1/status?raw=1 HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n";
    for (std::size_t end = 0; end <= good.size(); ++end)
        EXPECT_TRUE(check_head_part(good.substr(0, end))) << end;
    EXPECT_EQ(check_head_part("GET / HTTP/1.1\nHost").error().status, 400u);
    EXPECT_EQ(check_head_part("GET / HTTP/1.1\r\nHost : a\r\nAcc").error().status, 400u);
}

TEST_F(HeadTest, NamesOtherVersionsExpectationsAndTooManyFields)
{
    EXPECT_EQ(check_head("GET / HTTP/2.0\r\nHost: x\r\n\r\n").error().status, 505u);
    const std::string expects =
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: a-pony\r\n\r\n";
    EXPECT_EQ(parse_head(expects, head).error().status, 417u);
    std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < 100; ++i) many += "A: b\r\n";
    EXPECT_EQ(check_head(many + "\r\n").error().status, 431u);
}

TEST_F(HeadTest, ForgetsTheRequestBefore)
{
    ASSERT_TRUE(
        parse_head("POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
                   "Expect: 100-continue\r\nConnection: close\r\n\r\n",
                   head));
    EXPECT_TRUE(head.expects_continue);
    ASSERT_TRUE(parse_head("GET /d HTTP/1.1\r\nHost: x\r\n\r\n", head));
    EXPECT_FALSE(head.expects_continue);
    EXPECT_FALSE(head.has_body());
    EXPECT_TRUE(head.keep_alive);
    EXPECT_TRUE(head.target.query().empty());
    EXPECT_EQ(head.header_count("Content-Length"), 0u);
}

TEST_F(HeadTest, BoundsSegmentsAndParameters)
{
    std::string path, query;
    for (int i = 0; i < 17; ++i) path += "/a";
    for (int i = 0; i < 33; ++i) query += "a=1&";
    Target target;
    EXPECT_TRUE(target.parse(path.substr(2)));
    EXPECT_FALSE(target.parse(path));
    EXPECT_TRUE(target.parse("/?" + query.substr(4)));
    EXPECT_FALSE(target.parse("/?" + query));
}

}  // namespace
}  // namespace node
