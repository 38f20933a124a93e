#pragma once

#include "node/serving/inference_routes.hpp"

#include "ledger/base/hex.hpp"
#include "tests/support/fake_exchange.hpp"
#include "tests/support/payment_world.hpp"
#include "tests/support/shared_engine.hpp"
#include "tests/support/tiny_models.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace node {

using nlohmann::json;

/// The routes under /v2 over real models, the real engine and, where a test wants them, payments.
class ServingTest : public testing::Test {
public:
    ServingTest()
    {
        parts.server_name = "millrace";
        parts.server_version = "1.2.3";
        parts.public_url = "http://host";
        parts.ready = [this] { return ready; };
        parts.limits = [this] { return limits; };
        add_inference_routes(router, parts);
    }
    ~ServingTest() override { catalog.close(); }

    static std::shared_ptr<ServedVersion> version(std::uint32_t ver, const onnx::ModelProto& model,
                                                  std::size_t queue = 8)
    {
        inference::PoolOptions options;
        options.queue_slots = queue;
        auto pool = inference::ModelPool::open(inference::shared_engine(),
                                               inference::tiny::to_bytes(model), options);
        EXPECT_TRUE(pool);
        auto served = std::make_shared<ServedVersion>();
        served->ver = {ver};
        served->content_id = ledger::retag<market::ContentId>((*pool)->summary().content_id);
        served->pool = std::move(*pool);
        return served;
    }
    /// Serves it beside what is served already, or in its place.
    void add(ServedModel model)
    {
        auto all = *catalog.models();
        auto name = model.name;
        all.insert_or_assign(std::move(name),
                             std::make_shared<const ServedModel>(std::move(model)));
        catalog.publish(std::move(all));
    }
    void add(const std::string& name, const onnx::ModelProto& model, std::size_t queue = 8)
    {
        ServedModel served{name, {}, {}};
        served.versions.emplace(market::Version{1}, version(1, model, queue));
        add(std::move(served));
    }
    /// a + b + shift of three floats: versions that can be told apart by what they answer.
    static onnx::ModelProto shifted_sum(float shift)
    {
        auto model = inference::tiny::add({3});
        inference::tiny::add_floats(model, "shift", {3}, {shift, shift, shift});
        model.mutable_graph()->mutable_node(0)->set_output(0, "plain");
        inference::tiny::add_node(*model.mutable_graph(), "Add", {"plain", "shift"}, {"sum"});
        return model;
    }
    /// a + b of three floats.
    void add_sum() { add("sum", inference::tiny::add({3})); }
    static json sum_request()
    {
        const auto input = [](const char* name, const json& data) {
            return json{{"name", name}, {"shape", {3}}, {"datatype", "FP32"}, {"data", data}};
        };
        return {{"id", "call-7"}, {"inputs", {input("a", {1, 2, 3}), input("b", {10, 20, 30})}}};
    }

    struct Answer {
        unsigned status = 0;
        std::string text;
        json body;
        std::optional<std::string> retry_after, json_bytes, cache, payment_response,
            payment_required, authenticate, pass_left;
        bool body_was_read = false;
    };
    Answer ask(std::string_view method, std::string_view target, std::string_view body = {},
               FakeExchange::Headers headers = {})
    {
        FakeExchange exchange{method, target, std::move(headers), body};
        return carry(exchange);
    }
    Answer carry(FakeExchange& exchange)
    {
        exchange.run(router);
        return {exchange.status(),
                exchange.text(),
                json::parse(exchange.text(), nullptr, false),
                exchange.answer_header("Retry-After"),
                exchange.answer_header("Inference-Header-Content-Length"),
                exchange.answer_header("Millrace-Cache"),
                exchange.answer_header("PAYMENT-RESPONSE"),
                exchange.answer_header("PAYMENT-REQUIRED"),
                exchange.answer_header("WWW-Authenticate"),
                exchange.answer_header("Millrace-Pass-Left"),
                exchange.body_was_read()};
    }
    Answer infer(const json& request, const std::string& model = "sum",
                 FakeExchange::Headers headers = {})
    {
        return ask("POST", "/v2/models/" + model + "/infer", request.dump(), std::move(headers));
    }

    PaymentWorld world;
    SystemClock clock;
    Metrics metrics;
    Catalog catalog;
    ServingLimits limits;
    ServingParts parts{catalog, world.ledger, world.network, world.random, clock, metrics};
    Router router;
    bool ready = true;
};

}  // namespace node
