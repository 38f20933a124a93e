#pragma once

#include "node/upstream/http_upstream.hpp"
#include "tests/unit/node/upstream/scripted_server.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace node {

using inference::RunControl;
using inference::UpstreamFault;
using inference::UpstreamReply;
using Caller = ScriptedServer::Caller;

/// What a server's threads say next: the test sets it while an earlier answer may still be on its
/// way, so that each takes a copy.
class NextAnswer {
public:
    NextAnswer& operator=(std::string text)
    {
        const std::lock_guard lock{mutex_};
        text_ = std::move(text);
        return *this;
    }
    std::string taken() const
    {
        const std::lock_guard lock{mutex_};
        return text_;
    }

private:
    mutable std::mutex mutex_;
    std::string text_;
};

struct HttpUpstreamTest : testing::Test {
    NextAnswer answer;  ///< outlives the server, whose threads read it
    std::unique_ptr<ScriptedServer> server;
    std::shared_ptr<HttpUpstream> upstream;

    void serve(ScriptedServer::Script script)
    {
        server = std::make_unique<ScriptedServer>(std::move(script));
        open(server->url());
    }
    void open(const std::string& url, const std::function<void(HttpUpstreamOptions&)>& set = {})
    {
        HttpUpstreamOptions options;
        options.url = *parse_server_url(url);
        options.limits.body_bytes = 1000;
        if (set) set(options);
        auto opened = HttpUpstream::open(std::move(options));
        ASSERT_TRUE(opened);
        upstream = *opened;
    }
    ~HttpUpstreamTest() override { upstream.reset(); }

    std::string get(const RunControl& control = {})
    {
        const auto reply = upstream->call({"GET", "/x"}, control);
        return reply ? std::string{ledger::as_text(reply->body)} : "failed";
    }
    UpstreamFault fault(const RunControl& control = {})
    {
        const auto reply = upstream->call({"POST", "/x", {}, ledger::Bytes(10)}, control);
        EXPECT_FALSE(reply);
        return reply ? UpstreamFault::busy : reply.error().fault;
    }
};

}  // namespace node
