#include "tests/support/temporary_folder.hpp"
#include "tests/support/tls_node.hpp"
#include "wallet/client/http_client.hpp"

#include <gtest/gtest.h>

namespace wallet {
namespace {

const HttpRequest request{"POST", "/echo", {}, {'h', 'i'}};

class Https : public testing::Test {
protected:
    Outcome<HttpReply> call(const TlsNode& node, const std::string& host,
                            const std::string& authorities)
    {
        const HttpClient client{*parse_url(node.url(host)), HttpBounds{}, {authorities}};
        return client.call(request);
    }

    ledger::TemporaryFolder folder_;
};

TEST_F(Https, ReachesAServerWhoseCertificateIsForTheNameAsked)
{
    const TlsNode node{folder_.path(), "DNS:localhost"};
    const auto reply = call(node, "localhost", node.authorities());
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->status, 200u);
    EXPECT_EQ(reply->body, request.body);
    EXPECT_EQ(node.asked_for(), "localhost");
}

TEST_F(Https, ReachesAServerByItsAddressAndTellsItNoName)
{
    const TlsNode node{folder_.path(), "IP:127.0.0.1"};
    const auto reply = call(node, "127.0.0.1", node.authorities());
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(node.asked_for(), "");
}

TEST_F(Https, SendsNothingToAServerThatIsAnother)
{
    const TlsNode node{folder_.path(), "DNS:other.example"};
    for (const auto* host : {"localhost", "127.0.0.1"}) {
        const auto reply = call(node, host, node.authorities());
        ASSERT_FALSE(reply) << host;
        EXPECT_EQ(reply.error().fault, Fault::unverified) << reply.error().message;
        EXPECT_NE(reply.error().message.find("mismatch"), std::string::npos)
            << reply.error().message;
    }
    EXPECT_EQ(node.requests(), 0);
}

TEST_F(Https, SendsNothingToAServerForWhomNobodyVouches)
{
    const TlsNode node{folder_.path(), "DNS:localhost"};
    const auto reply = call(node, "localhost", "");
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().fault, Fault::unverified) << reply.error().message;
    EXPECT_EQ(node.requests(), 0);
}

TEST_F(Https, SaysWhichFileOfAuthoritiesCannotBeRead)
{
    const TlsNode node{folder_.path(), "DNS:localhost"};
    const auto reply = call(node, "localhost", "/nowhere.pem");
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().fault, Fault::usage);
    EXPECT_NE(reply.error().message.find("/nowhere.pem"), std::string::npos);
}

}  // namespace
}  // namespace wallet
