#include "inference/remote/backend.hpp"

#include "tests/unit/inference/remote/fake_upstream.hpp"

#include <gtest/gtest.h>

namespace inference {
namespace {

using namespace std::chrono_literals;

struct BackendTest : testing::Test {
    std::shared_ptr<FakeUpstream> upstream = std::make_shared<FakeUpstream>();

    static BackendOptions options(std::string ready_path = {})
    {
        BackendOptions made;
        made.ready_path = std::move(ready_path);
        made.probe_every = 5ms;
        made.breaker = {2, 5ms, 20ms};
        return made;
    }
    static InferErrorKind kind_of(Backend& backend)
    {
        const auto reply = backend.call({"GET", "/x"}, {});
        EXPECT_FALSE(reply);
        return reply ? InferErrorKind::failed : reply.error().kind;
    }
    /// The prober works on a thread of its own.
    static bool wait_until(const std::function<bool()>& done)
    {
        const auto end = std::chrono::steady_clock::now() + 60s;
        while (!done() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
        return done();
    }
};

TEST_F(BackendTest, TellsCallersWhatBecameOfTheirRequest)
{
    Backend backend{upstream, options()};
    const std::pair<UpstreamFault, InferErrorKind> faults[]{
        {UpstreamFault::too_large, InferErrorKind::too_large},
        {UpstreamFault::cancelled, InferErrorKind::cancelled},
        {UpstreamFault::busy, InferErrorKind::busy},
        {UpstreamFault::malformed, InferErrorKind::failed},
        {UpstreamFault::too_large, InferErrorKind::too_large},
        {UpstreamFault::deadline, InferErrorKind::deadline},
        {UpstreamFault::too_large, InferErrorKind::too_large},
        {UpstreamFault::broken, InferErrorKind::unavailable},
        {UpstreamFault::too_large, InferErrorKind::too_large},
        {UpstreamFault::unreachable, InferErrorKind::unavailable},
        {UpstreamFault::too_large, InferErrorKind::too_large},
        {UpstreamFault::untrusted, InferErrorKind::unavailable},
    };
    for (const auto& [fault, kind] : faults) {
        upstream->queue(UpstreamError{fault, "secret"});
        const auto reply = backend.call({"GET", "/x"}, {});
        ASSERT_FALSE(reply);
        EXPECT_EQ(reply.error().kind, kind);
        EXPECT_EQ(reply.error().detail.find("secret"), std::string::npos);
    }
}

TEST_F(BackendTest, FailsAtOnceWhileTheServerFails)
{
    auto slow = options();
    slow.breaker.first_pause = 1h;
    slow.breaker.longest_pause = 1h;
    Backend backend{upstream, slow};
    EXPECT_TRUE(backend.ready());
    for (int i = 0; i < 2; ++i) {
        upstream->queue(FakeUpstream::reply(503));
        EXPECT_EQ(backend.call({"GET", "/x"}, {})->status, 503u);
    }
    EXPECT_FALSE(backend.ready());
    EXPECT_EQ(kind_of(backend), InferErrorKind::unavailable);
    EXPECT_EQ(upstream->requests().size(), 2u);
}

TEST_F(BackendTest, LetsNobodyWithoutPatienceTakeTheServerFromOthers)
{
    auto unasked = options();
    unasked.ready_path.clear();
    Backend backend{upstream, unasked};
    upstream->usually(UpstreamError{UpstreamFault::deadline, {}});
    for (int i = 0; i < 20; ++i) EXPECT_EQ(kind_of(backend), InferErrorKind::deadline);
    EXPECT_TRUE(backend.ready());
}

TEST_F(BackendTest, FindsAServerThatHangsByAskingItself)
{
    auto hourly = options("/ready");
    hourly.breaker.first_pause = 1h;
    hourly.breaker.longest_pause = 1h;
    upstream->usually(UpstreamError{UpstreamFault::deadline, {}});
    Backend backend{upstream, hourly};
    EXPECT_TRUE(wait_until([&] { return !backend.ready(); }));
}

TEST_F(BackendTest, TakesAnyAnswerForReadyWhereTheServerHasNoPathForThat)
{
    auto strict = options("/ready");
    strict.breaker.first_pause = 1h;
    auto lenient = strict;
    lenient.only_200_is_ready = false;
    upstream->usually(FakeUpstream::reply(404));
    Backend of_strict{upstream, strict};
    Backend of_lenient{upstream, lenient};
    EXPECT_TRUE(wait_until([&] { return !of_strict.ready(); }));
    EXPECT_TRUE(of_lenient.ready());
}

TEST_F(BackendTest, CountsARefusalAsASignOfLife)
{
    Backend backend{upstream, options()};
    for (int i = 0; i < 10; ++i) {
        upstream->queue(UpstreamError{UpstreamFault::broken, {}});
        upstream->queue(FakeUpstream::reply(500));
        EXPECT_FALSE(backend.call({"GET", "/x"}, {}));
        EXPECT_EQ(backend.call({"GET", "/x"}, {})->status, 500u);
    }
    EXPECT_TRUE(backend.ready());
}

TEST_F(BackendTest, CountsAStreamThatBreaksInTheMiddleAsAFailureAndOneThatIsStoppedAsNone)
{
    auto slow = options();
    slow.breaker.first_pause = 1h;
    slow.breaker.longest_pause = 1h;
    Backend backend{upstream, slow};
    const auto taken = [](ByteView) { return true; };
    upstream->streams([](const RunControl&, const BodySink& sink) -> FakeUpstream::Answer {
        (void)sink(ledger::as_bytes("half"));
        return FakeUpstream::reply(200);
    });
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(backend.stream({"POST", "/x"}, {}, [](ByteView) { return false; })->status, 200u);
    EXPECT_TRUE(backend.ready());

    upstream->streams([](const RunControl&, const BodySink& sink) -> FakeUpstream::Answer {
        (void)sink(ledger::as_bytes("half"));
        return UpstreamError{UpstreamFault::broken, {}};
    });
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(backend.stream({"POST", "/x"}, {}, taken).error().kind,
                  InferErrorKind::unavailable);
    EXPECT_FALSE(backend.ready());
    const auto asked = upstream->requests().size();
    EXPECT_EQ(backend.stream({"POST", "/x"}, {}, taken).error().kind, InferErrorKind::unavailable);
    EXPECT_EQ(upstream->requests().size(), asked);
}

TEST_F(BackendTest, NoticesWithoutACallerWhenTheServerGoesAndComesBack)
{
    Backend backend{upstream, options("/ready")};
    upstream->usually(FakeUpstream::reply(400));
    EXPECT_TRUE(wait_until([&] { return !backend.ready(); }));
    upstream->usually(FakeUpstream::reply(200));
    EXPECT_TRUE(wait_until([&] { return backend.ready(); }));
    EXPECT_EQ(upstream->requests().front().target, "/ready");
}

TEST(Refusal, SaysWhatTheServerSaysInBoundsAndWithoutControlCharacters)
{
    const auto of = [](unsigned status, const std::string& body) {
        return refusal(FakeUpstream::reply(status, body));
    };
    EXPECT_EQ(of(400, R"({"error":"no\u0007 \"x\""})").detail,
              "the model's server refuses the request: no  \"x\"");
    EXPECT_LT(of(400, R"({"error":")" + std::string(5000, 'x') + "\"}").detail.size(), 400u);
    EXPECT_EQ(of(500, "<html>").detail, "the model's server failed");
    const std::pair<unsigned, InferErrorKind> kinds[]{
        {400, InferErrorKind::invalid_input}, {401, InferErrorKind::failed},
        {402, InferErrorKind::failed},        {404, InferErrorKind::unavailable},
        {408, InferErrorKind::deadline},      {413, InferErrorKind::too_large},
        {422, InferErrorKind::invalid_input}, {429, InferErrorKind::busy},
        {500, InferErrorKind::failed},        {502, InferErrorKind::unavailable},
        {503, InferErrorKind::unavailable},   {504, InferErrorKind::deadline}};
    for (const auto& [status, kind] : kinds) EXPECT_EQ(of(status, "").kind, kind) << status;
}

}  // namespace
}  // namespace inference
