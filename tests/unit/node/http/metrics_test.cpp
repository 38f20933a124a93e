#include "node/http/metrics.hpp"

#include "node/http/access_log.hpp"
#include "tests/support/fake_exchange.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <nlohmann/json.hpp>

#include <sstream>
#include <thread>

namespace node {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

AccessRecord record(unsigned status, std::string_view route = "/v1/status")
{
    return {.id = 7,
            .peer = "127.0.0.1",
            .method = "GET",
            .route = route,
            .model = {},
            .status = status,
            .body_bytes_in = 10,
            .bytes_out = 100,
            .time = 300us};
}

TEST(Metrics, CountsRequestsByRouteAndStatus)
{
    Metrics metrics;
    metrics.answered(record(200));
    metrics.answered(record(200));
    metrics.answered(record(402));
    const auto text = metrics.text();
    EXPECT_THAT(text, HasSubstr("# TYPE millrace_http_requests_total counter"));
    EXPECT_THAT(text, HasSubstr("# HELP millrace_http_requests_total "));
    EXPECT_THAT(text,
                HasSubstr("millrace_http_requests_total{route=\"/v1/status\",status=\"200\"} 2"));
    EXPECT_THAT(text,
                HasSubstr("millrace_http_requests_total{route=\"/v1/status\",status=\"402\"} 1"));
    EXPECT_THAT(text, HasSubstr("millrace_http_payment_required_total{route=\"/v1/status\"} 1"));
    EXPECT_THAT(text, HasSubstr("millrace_http_sent_bytes_total 300"));
    EXPECT_THAT(text, HasSubstr("millrace_http_body_bytes_total 30"));
    EXPECT_THAT(text, HasSubstr("millrace_http_request_duration_seconds_bucket{route=\"/v1/"
                                "status\",le=\"0.00025\"} 0"));
    EXPECT_THAT(
        text,
        HasSubstr(
            "millrace_http_request_duration_seconds_bucket{route=\"/v1/status\",le=\"0.0005\"} 3"));
}

TEST(Metrics, NamesInferenceAsOtherServersDo)
{
    Metrics metrics;
    metrics.inference_pending("mnist", "1.0.0", +1);
    metrics.inference_ran("mnist", "1.0.0", 48);
    metrics.inference_succeeded("mnist", "1.0.0", 32,
                                {.request = 900us,
                                 .queue = 100us,
                                 .compute_input = 20us,
                                 .compute_infer = 60us,
                                 .compute_output = 5us});
    metrics.inference_failed("mnist", "1.0.0", InferenceFailure::rejected);
    const auto text = metrics.text();
    const std::string labels = "{model=\"mnist\",version=\"1.0.0\"} ";
    EXPECT_THAT(text, HasSubstr("nv_inference_request_success" + labels + "1"));
    EXPECT_THAT(text, HasSubstr("nv_inference_count" + labels + "32"));
    EXPECT_THAT(text, HasSubstr("nv_inference_exec_count" + labels + "1"));
    EXPECT_THAT(text, HasSubstr("nv_inference_batch_size_sum" + labels + "48"));
    EXPECT_THAT(text, HasSubstr("nv_inference_batch_size_bucket{model=\"mnist\",version=\"1.0.0\","
                                "le=\"32\"} 0"));
    EXPECT_THAT(text, HasSubstr("nv_inference_batch_size_bucket{model=\"mnist\",version=\"1.0.0\","
                                "le=\"64\"} 1"));
    EXPECT_THAT(text, HasSubstr("nv_inference_pending_request_count" + labels + "1"));
    EXPECT_THAT(text, HasSubstr("nv_inference_request_duration_us" + labels + "900"));
    EXPECT_THAT(text, HasSubstr("nv_inference_queue_duration_us" + labels + "100"));
    EXPECT_THAT(text, HasSubstr("nv_inference_compute_infer_duration_us" + labels + "60"));
    EXPECT_THAT(text, HasSubstr("nv_inference_request_failure{model=\"mnist\",reason=\"REJECTED\","
                                "version=\"1.0.0\"} 1"));
    EXPECT_THAT(text, HasSubstr("reason=\"BACKEND\",version=\"1.0.0\"} 0"));
}

TEST(Metrics, KeepsTheNumberOfSeriesBounded)
{
    Metrics metrics;
    for (int i = 0; i < 2'000; ++i) {
        metrics.inference_succeeded("m" + std::to_string(i), "1", 1, {});
        metrics.answered(record(402, "/r" + std::to_string(i)));
        metrics.handler_failed("/r" + std::to_string(i), "broken");
    }
    const auto text = metrics.text();
    // Not as matchers: a failure would print the whole text.
    const auto has = [&](std::string_view part) { return text.find(part) != text.npos; };
    EXPECT_TRUE(has("nv_inference_count{model=\"other\",version=\"other\"} 1500"));
    EXPECT_TRUE(has("millrace_http_requests_total{route=\"other\",status=\"402\"} 1500"));
    EXPECT_TRUE(has("millrace_http_payment_required_total{route=\"other\"} 1500"));
    EXPECT_TRUE(has("millrace_http_handler_failures_total{route=\"other\"} 1500"));
    EXPECT_FALSE(has("m1999"));
    EXPECT_FALSE(has("r1999"));
}

TEST(Metrics, AsksOtherPartsWhenItIsScraped)
{
    Metrics metrics;
    double height = 1;
    metrics.add_gauge("millrace_height", "Height of the head", [&] { return height; });
    metrics.add_counter("millrace_burned_micros_total", "Burned", [] { return 12.0; });
    height = 41;
    Router router;
    router.add(Method::get, "/metrics", {"metrics"}, metrics.handler());
    FakeExchange exchange{"GET", "/metrics"};
    exchange.run(router);
    EXPECT_EQ(exchange.response().content_type(), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_THAT(exchange.text(), HasSubstr("# TYPE millrace_height gauge\nmillrace_height 41\n"));
    EXPECT_THAT(exchange.text(), HasSubstr("# TYPE millrace_burned_micros_total counter\n"));
}

TEST(Metrics, CountsFromManyThreads)
{
    Metrics metrics;
    const auto work = [&] {
        for (int i = 0; i < 1'000; ++i) {
            metrics.answered(record(200));
            metrics.connection_opened();
        }
        metrics.connection_closed();
    };
    std::thread other{work};
    work();
    other.join();
    EXPECT_THAT(metrics.text(), HasSubstr("status=\"200\"} 2000"));
    EXPECT_THAT(metrics.text(), HasSubstr("millrace_http_connections 1998"));
}

TEST(Metrics, CountsWhatBecameOfPayments)
{
    Metrics metrics;
    EXPECT_THAT(metrics.text(), HasSubstr("millrace_payments_total{outcome=\"paid\"} 0"));
    auto call = record(200);
    call.payment = PaymentOutcome::paid;
    metrics.answered(call);
    metrics.answered(record(200));
    const auto text = metrics.text();
    EXPECT_THAT(text, HasSubstr("millrace_payments_total{outcome=\"paid\"} 1"));
    EXPECT_THAT(text, HasSubstr("millrace_payments_total{outcome=\"refused\"} 0"));
    for (const auto outcome : {PaymentOutcome::pass, PaymentOutcome::granted}) {
        call.payment = outcome;
        metrics.answered(call);
        EXPECT_THAT(metrics.text(), HasSubstr("millrace_payments_total{outcome=\"" +
                                              std::string{to_text(outcome)} + "\"} 1"));
    }
    EXPECT_EQ(text.find("outcome=\"none\""), text.npos);
}

struct AccessLogTest : testing::Test {
    std::ostringstream text;
    std::shared_ptr<spdlog::logger> logger = std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text));
    AccessLog log{logger};
};

TEST_F(AccessLogTest, WritesOneLineWithTheFactsAndFiveHundredsAsWarnings)
{
    logger->set_pattern("%l {%v}");
    log.answered(record(200));
    auto paid = record(503);
    paid.model = "digits";
    paid.payment = PaymentOutcome::failed;
    log.answered(paid);
    log.handler_failed("/v1/status", "broken");
    EXPECT_EQ(text.str(), R"(info {"type":"access","id":7,"peer":"127.0.0.1","method":"GET",)"
                          R"("route":"/v1/status","status":200,"in":10,"out":100,"us":300})"
                          "\n"
                          R"(warning {"type":"access","id":7,"peer":"127.0.0.1","method":"GET",)"
                          R"("route":"/v1/status","model":"digits","payment":"failed",)"
                          R"("status":503,"in":10,"out":100,"us":300})"
                          "\n"
                          R"(error {"type":"failure","route":"/v1/status","what":"broken"})"
                          "\n");
}

TEST_F(AccessLogTest, IsJsonWhateverIsTold)
{
    logger->set_pattern(AccessLog::pattern);
    auto call = record(200);
    call.model = "a \"model\"\n\xff";
    log.answered(call);
    log.handler_failed("none", "a \"quote\"\n\x01\xff");
    std::istringstream lines{text.str()};
    std::string line;
    int count = 0;
    for (; std::getline(lines, line); ++count) EXPECT_TRUE(nlohmann::json::accept(line)) << line;
    EXPECT_EQ(count, 2);
}

}  // namespace
}  // namespace node
