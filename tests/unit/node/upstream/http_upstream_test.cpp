#include "tests/support/temporary_folder.hpp"
#include "tests/support/tls_node.hpp"
#include "tests/unit/node/upstream/http_upstream_fixture.hpp"

#include <algorithm>
#include <latch>
#include <utility>
#include <vector>

namespace node {
namespace {

using namespace std::chrono_literals;

/// Answers every request on a connection.
void echo(Caller& caller)
{
    for (std::string head; !(head = caller.request()).empty();)
        caller.say_ok(head.substr(0, head.find("\r\n")));
}

TEST_F(HttpUpstreamTest, KeepsAConnectionForTheNextCall)
{
    serve(echo);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(get(), "GET /x HTTP/1.1");
    EXPECT_EQ(server->connections(), 1);
    EXPECT_EQ(upstream->idle(), 1u);
}

TEST_F(HttpUpstreamTest, SendsBaseHostHeadersBodyAndCredentials)
{
    std::string seen;
    serve([&](Caller& caller) {
        seen = caller.request();
        caller.say_ok("");
    });
    open(server->url() + "/base/", [](auto& options) {
        options.credentials.header = "X-Key";
        options.credentials.value = ledger::SecretBytes::copy_of(ledger::as_bytes("secret"));
    });
    ASSERT_TRUE(upstream->call({"POST", "/x?y=1", {{"X-A", "b"}}, {'h', 'i'}}, {}));
    EXPECT_TRUE(seen.starts_with("POST /base/x?y=1 HTTP/1.1\r\n")) << seen;
    for (const auto& part : {"Host: " + server->url().substr(7), std::string{"X-A: b"},
                             std::string{"X-Key: secret"}, std::string{"Content-Length: 2"}})
        EXPECT_NE(seen.find(part + "\r\n"), std::string::npos) << part << "\n" << seen;
    EXPECT_TRUE(seen.ends_with("\r\n\r\nhi"));
}

TEST_F(HttpUpstreamTest, LooksAtAKeptConnectionBeforeItUsesItAgain)
{
    std::latch gone{1};
    serve([&, first = true](Caller& caller) mutable {
        caller.request();
        caller.say_ok("one");
        if (std::exchange(first, false)) {
            caller.hang_up();
            return gone.count_down();
        }
        echo(caller);
    });
    EXPECT_EQ(get(), "one");
    EXPECT_EQ(upstream->idle(), 1u);
    gone.wait();
    EXPECT_EQ(get(), "one");
    EXPECT_EQ(server->connections(), 2);
}

TEST_F(HttpUpstreamTest, ConnectsToNothingPrivateWhereOnlyPublicAddressesMayBeAsked)
{
    serve([](Caller& caller) {
        caller.request();
        caller.say_ok("inside");
    });
    const auto port = server->url().substr(server->url().rfind(':'));
    const auto only_public = [](HttpUpstreamOptions& options) {
        options.limits.public_alone = true;
    };
    // By address, by a name for it, and by the same address in IPv6's clothes.
    for (const std::string host : {"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"}) {
        open("http://" + host + port, only_public);
        const auto reply = upstream->call({"GET", "/x"}, {});
        ASSERT_FALSE(reply) << host;
        EXPECT_EQ(reply.error().fault, UpstreamFault::unreachable) << host;
        EXPECT_EQ(reply.error().detail, "the address is not a public one") << host;
    }
    EXPECT_EQ(server->connections(), 0);
    open("http://127.0.0.1" + port);
    EXPECT_EQ(get(), "inside");
}

TEST_F(HttpUpstreamTest, FollowsNoRedirect)
{
    serve([](Caller& caller) {
        caller.request();
        caller.say(
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    });
    const auto reply = upstream->call({"GET", "/x"}, {});
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 302u);
    EXPECT_EQ(server->connections(), 1);
}

TEST_F(HttpUpstreamTest, DoesNotRepeatWhatMayHaveArrived)
{
    std::atomic<int> arrived = 0;
    serve([&](Caller& caller) {
        caller.request();
        caller.say_ok("one");
        if (!caller.request().empty()) ++arrived;
    });
    EXPECT_EQ(get(), "one");
    EXPECT_EQ(fault(), UpstreamFault::broken);
    EXPECT_EQ(arrived, 1);
    EXPECT_EQ(server->connections(), 1);
}

TEST_F(HttpUpstreamTest, ClosesTheConnectionAtTheDeadline)
{
    std::latch hung_up{1};
    serve([&](Caller& caller) {
        caller.wait_until_gone();
        hung_up.count_down();
    });
    EXPECT_EQ(fault({std::chrono::steady_clock::now() + 2s, {}}), UpstreamFault::deadline);
    hung_up.wait();
    EXPECT_EQ(upstream->idle(), 0u);
}

TEST_F(HttpUpstreamTest, ClosesTheConnectionAtAStop)
{
    std::latch asked{1};
    std::latch hung_up{1};
    serve([&](Caller& caller) {
        caller.request();
        asked.count_down();
        caller.wait_until_gone();
        hung_up.count_down();
    });
    std::stop_source stop;
    const std::jthread later{[&] {
        asked.wait();
        stop.request_stop();
    }};
    EXPECT_EQ(fault({{}, stop.get_token()}), UpstreamFault::cancelled);
    hung_up.wait();
    EXPECT_EQ(fault({{}, stop.get_token()}), UpstreamFault::cancelled);
    EXPECT_EQ(server->connections(), 1);
}

TEST_F(HttpUpstreamTest, TakesNoMoreThanItsBounds)
{
    serve([&](Caller& caller) {
        caller.request();
        caller.say(answer.taken());
        caller.wait_until_gone();
    });
    answer = "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n";
    EXPECT_EQ(fault(), UpstreamFault::too_large);
    answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
             std::string(1001, 'x') + "\r\n0\r\n\r\n";
    EXPECT_EQ(fault(), UpstreamFault::too_large);
    answer = "HTTP/1.1 200 OK\r\n\r\n" + std::string(5000, 'x');
    EXPECT_EQ(fault(), UpstreamFault::too_large);
    answer = "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x');
    EXPECT_EQ(fault(), UpstreamFault::too_large);
}

TEST_F(HttpUpstreamTest, TellsNonsenseAndBrokenConnectionsApart)
{
    serve([&](Caller& caller) {
        caller.request();
        caller.say(answer.taken());
    });
    for (const auto* wrong : {"SSH-2.0-x\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
                              "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
        answer = wrong;
        EXPECT_EQ(fault(), UpstreamFault::malformed) << wrong;
    }
    for (const auto* cut :
         {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"}) {
        answer = cut;
        EXPECT_EQ(fault(), UpstreamFault::broken) << cut;
    }
    EXPECT_EQ(upstream->idle(), 0u);
}

TEST_F(HttpUpstreamTest, ReadsAnswersThatEndWithTheConnection)
{
    serve([](Caller& caller) {
        caller.request();
        caller.say("HTTP/1.1 200 OK\r\n\r\nall of it");
    });
    EXPECT_EQ(get(), "all of it");
    EXPECT_EQ(upstream->idle(), 0u);
}

TEST_F(HttpUpstreamTest, SaysAtOnceWhenNobodyIsThereOrAllConnectionsAreInUse)
{
    std::string url;
    {
        const ScriptedServer gone{echo};
        url = gone.url();
    }
    open(url);
    EXPECT_EQ(fault(), UpstreamFault::unreachable);

    std::latch inside{1};
    std::latch over{1};
    serve([&](Caller& caller) {
        caller.request();
        inside.count_down();
        over.wait();
        caller.say_ok("late");
    });
    open(server->url(), [](auto& options) { options.connections = 1; });
    std::string first;
    std::thread other{[&] { first = get(); }};
    inside.wait();
    EXPECT_EQ(fault(), UpstreamFault::busy);
    over.count_down();
    other.join();
    EXPECT_EQ(first, "late");
}

TEST_F(HttpUpstreamTest, TalksToAServerWhoseCertificateHoldsAndToNoOther)
{
    const ledger::TemporaryFolder folder;
    wallet::TlsNode secure{folder.path(), "DNS:localhost"};
    const auto trusting = [&](auto& options) { options.authorities = secure.authorities(); };
    open(secure.url("localhost"), trusting);
    EXPECT_TRUE(upstream->call({"GET", "/x"}, {}));
    EXPECT_EQ(secure.requests(), 1);
    open(secure.url("127.0.0.1"), trusting);
    EXPECT_EQ(fault(), UpstreamFault::untrusted);
    open(secure.url("localhost"));
    EXPECT_EQ(fault(), UpstreamFault::untrusted);
    EXPECT_EQ(secure.requests(), 1);
}

TEST(HttpUpstreamOpen, WantsAuthoritiesThatCanBeRead)
{
    HttpUpstreamOptions options;
    options.authorities = "/nowhere";
    EXPECT_EQ(HttpUpstream::open(std::move(options)).error().kind, ledger::ErrorKind::invalid);
}

}  // namespace
}  // namespace node
