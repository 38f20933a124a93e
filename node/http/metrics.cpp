#include "node/http/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <map>
#include <mutex>
#include <sstream>
#include <unordered_map>

namespace node {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Labels;

/// Seconds: 100 us to 10 s.
const Histogram::BucketBoundaries duration_buckets = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                      0.01,   0.025,   0.05,   0.1,   0.25,   0.5,
                                                      1,      2.5,     5,      10};

/// Rows.
const Histogram::BucketBoundaries batch_buckets = {1, 2, 4, 8, 16, 32, 64, 128, 256, 1024};

constexpr std::size_t payment_outcomes = static_cast<std::size_t>(PaymentOutcome::granted) + 1;

constexpr std::array<const char*, 4> failure_names = {"REJECTED", "CANCELED", "BACKEND", "OTHER"};

constexpr std::array<const char*, 4> shadow_names = {"EQUAL", "DIFFERS", "FAILED", "DROPPED"};

double count(std::chrono::microseconds time)
{
    return static_cast<double>(time.count());
}

double seconds(std::chrono::microseconds time)
{
    return std::chrono::duration<double>{time}.count();
}

/// A number of another part, read when it is asked for.
class Asked : public prometheus::Collectable {
public:
    Asked(prometheus::MetricType type, std::string name, std::string help,
          std::function<double()> value)
        : type_{type}, name_{std::move(name)}, help_{std::move(help)}, value_{std::move(value)}
    {
    }
    std::vector<prometheus::MetricFamily> Collect() const override
    {
        prometheus::ClientMetric metric;
        (type_ == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) =
            value_();
        return {{name_, help_, type_, {metric}}};
    }

private:
    prometheus::MetricType type_;
    std::string name_;
    std::string help_;
    std::function<double()> value_;
};

/// The series of one route, looked up once and kept: a label lookup for every request costs more
/// than the count.
struct RouteSeries {
    Histogram* duration = nullptr;
    Counter* unpaid = nullptr;
    Counter* failed = nullptr;
    std::string label;
    std::map<unsigned, Counter*> by_status;
};

struct ModelSeries {
    Counter *success, *items, *runs, *request, *queue, *input, *infer, *output;
    Gauge* pending;
    Histogram *duration, *batch, *waited, *computed;
    std::array<Counter*, failure_names.size()> failures;
    /// Only of models that have a cache or a shadow: made when first counted.
    Counter *hits = nullptr, *misses = nullptr, *hit_time = nullptr, *miss_time = nullptr;
    std::array<Counter*, shadow_names.size()> shadows{};
    Labels labels;
};

}  // namespace

struct Metrics::Families {
    prometheus::Registry registry;
    std::vector<Asked> asked;

    Family<Counter>& counters(const char* name, const char* help)
    {
        return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
    }
    Family<Gauge>& gauges(const char* name, const char* help)
    {
        return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
    }
    Family<Histogram>& histograms(const char* name, const char* help)
    {
        return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
    }

    Family<Counter>& requests = counters("millrace_http_requests_total", "Requests answered");
    Family<Histogram>& durations = histograms("millrace_http_request_duration_seconds",
                                              "From a whole head to the last byte of its answer");
    Family<Counter>& unpaid =
        counters("millrace_http_payment_required_total", "Requests answered with 402");
    Counter& bytes_in = counters("millrace_http_body_bytes_total", "Body bytes read").Add({});
    Counter& bytes_out = counters("millrace_http_sent_bytes_total", "Bytes sent").Add({});
    std::array<Counter*, payment_outcomes> payments = payment_counters();
    Gauge& connections = gauges("millrace_http_connections", "Connections open now").Add({});
    Counter& refused = counters("millrace_http_connections_refused_total",
                                "Connections closed at once, over a limit")
                           .Add({});
    Family<Counter>& broken =
        counters("millrace_http_handler_failures_total", "Answers 500 because of a bug of ours");

    Family<Counter>& success =
        counters("nv_inference_request_success", "Inference requests that succeeded");
    Family<Counter>& failure =
        counters("nv_inference_request_failure", "Inference requests that failed, by reason");
    Family<Counter>& items =
        counters("nv_inference_count", "Inferences performed; a batch of n counts n");
    Family<Counter>& runs = counters("nv_inference_exec_count", "Model runs; a batch counts once");
    Family<Gauge>& pending =
        gauges("nv_inference_pending_request_count", "Requests waiting for a worker");
    Family<Counter>& request =
        counters("nv_inference_request_duration_us", "Whole requests, microseconds in all");
    Family<Counter>& queue =
        counters("nv_inference_queue_duration_us", "Waiting for a worker, microseconds in all");
    Family<Counter>& input =
        counters("nv_inference_compute_input_duration_us", "Reading inputs, microseconds in all");
    Family<Counter>& infer =
        counters("nv_inference_compute_infer_duration_us", "Running models, microseconds in all");
    Family<Counter>& output =
        counters("nv_inference_compute_output_duration_us", "Writing outputs, microseconds in all");
    Family<Counter>& cache_hits =
        counters("nv_cache_num_hits_per_model", "Calls answered from the response cache");
    Family<Counter>& cache_misses =
        counters("nv_cache_num_misses_per_model", "Calls that the response cache had no answer to");
    Family<Counter>& cache_hit_time = counters(
        "nv_cache_hit_duration_per_model", "Calls answered from the cache, microseconds in all");
    Family<Counter>& cache_miss_time =
        counters("nv_cache_miss_duration_per_model", "Looking in vain, microseconds in all");
    Family<Counter>& shadows = counters("millrace_shadow_calls_total",
                                        "Copies of calls for a shadow version, by what came of it");
    Family<Histogram>& inference_durations =
        histograms("millrace_inference_duration_seconds", "Model runs with queue and conversion");
    Family<Histogram>& batch_sizes =
        histograms("nv_inference_batch_size", "Rows of a model run, of all requests that share it");
    Family<Histogram>& queue_times =
        histograms("millrace_inference_queue_seconds", "Waiting for a worker");
    Family<Histogram>& compute_times =
        histograms("millrace_inference_compute_seconds", "Model runs alone");

    /// One for each outcome, there from the start: a rate of what has not happened yet is 0.
    std::array<Counter*, payment_outcomes> payment_counters()
    {
        auto& family = counters("millrace_payments_total",
                                "Calls of models with a price, by what became of the payment");
        std::array<Counter*, payment_outcomes> made{};
        for (std::size_t i = 1; i < payment_outcomes; ++i) {
            const std::string outcome{to_text(static_cast<PaymentOutcome>(i))};
            made[i] = &family.Add({{"outcome", outcome}});
        }
        return made;
    }

    RouteSeries& route(std::string_view name)
    {
        std::string key{name};
        if (!routes.contains(key) && routes.size() >= series_limit) key = "other";
        auto& found = routes[key];
        if (!found.duration) {
            const Labels labels{{"route", key}};
            found = {&durations.Add(labels, duration_buckets),
                     &unpaid.Add(labels),
                     &broken.Add(labels),
                     key,
                     {}};
        }
        return found;
    }

    ModelSeries& model(std::string_view name, std::string_view version)
    {
        std::pair<std::string, std::string> key{name, version};
        if (!models.contains(key) && models.size() >= series_limit) key = {"other", "other"};
        const auto [found, is_new] = models.try_emplace(key);
        auto& series = found->second;
        if (!is_new) return series;
        const Labels labels{{"model", key.first}, {"version", key.second}};
        series = {.success = &success.Add(labels),
                  .items = &items.Add(labels),
                  .runs = &runs.Add(labels),
                  .request = &request.Add(labels),
                  .queue = &queue.Add(labels),
                  .input = &input.Add(labels),
                  .infer = &infer.Add(labels),
                  .output = &output.Add(labels),
                  .pending = &pending.Add(labels),
                  .duration = &inference_durations.Add(labels, duration_buckets),
                  .batch = &batch_sizes.Add(labels, batch_buckets),
                  .waited = &queue_times.Add(labels, duration_buckets),
                  .computed = &compute_times.Add(labels, duration_buckets),
                  .failures = {},
                  .labels = labels};
        for (std::size_t i = 0; i < failure_names.size(); ++i) {
            auto with_reason = labels;
            with_reason["reason"] = failure_names[i];
            series.failures[i] = &failure.Add(with_reason);
        }
        return series;
    }

    std::mutex mutex;  ///< for the maps; the series count without it
    std::unordered_map<std::string, RouteSeries> routes;
    std::map<std::pair<std::string, std::string>, ModelSeries> models;
};

Metrics::Metrics() : families_{std::make_unique<Families>()} {}
Metrics::~Metrics() = default;

void Metrics::answered(const AccessRecord& record)
{
    auto& families = *families_;
    Counter* counter = nullptr;
    Histogram* duration = nullptr;
    Counter* unpaid = nullptr;
    {
        const std::lock_guard lock{families.mutex};
        auto& series = families.route(record.route);
        auto& by_status = series.by_status[record.status];
        if (!by_status) {
            by_status = &families.requests.Add(
                {{"route", series.label}, {"status", std::to_string(record.status)}});
        }
        counter = by_status;
        duration = series.duration;
        unpaid = series.unpaid;
    }
    counter->Increment();
    duration->Observe(seconds(record.time));
    families.bytes_in.Increment(static_cast<double>(record.body_bytes_in));
    families.bytes_out.Increment(static_cast<double>(record.bytes_out));
    if (record.status == 402) unpaid->Increment();
    if (auto* payment = families.payments[static_cast<std::size_t>(record.payment)])
        payment->Increment();
}

void Metrics::connection_opened()
{
    families_->connections.Increment();
}

void Metrics::connection_closed()
{
    families_->connections.Decrement();
}

void Metrics::connection_refused()
{
    families_->refused.Increment();
}

void Metrics::handler_failed(std::string_view route, std::string_view)
{
    const std::lock_guard lock{families_->mutex};
    families_->route(route).failed->Increment();
}

void Metrics::inference_ran(std::string_view model, std::string_view version, std::uint64_t rows)
{
    const std::lock_guard lock{families_->mutex};
    auto& series = families_->model(model, version);
    series.runs->Increment();
    series.batch->Observe(static_cast<double>(rows));
}

void Metrics::inference_succeeded(std::string_view model, std::string_view version,
                                  std::uint64_t items, const InferenceTimes& times)
{
    const std::lock_guard lock{families_->mutex};
    auto& series = families_->model(model, version);
    series.success->Increment();
    series.items->Increment(static_cast<double>(items));
    series.request->Increment(count(times.request));
    series.queue->Increment(count(times.queue));
    series.input->Increment(count(times.compute_input));
    series.infer->Increment(count(times.compute_infer));
    series.output->Increment(count(times.compute_output));
    series.duration->Observe(
        seconds(times.queue + times.compute_input + times.compute_infer + times.compute_output));
    series.waited->Observe(seconds(times.queue));
    series.computed->Observe(seconds(times.compute_infer));
}

void Metrics::inference_failed(std::string_view model, std::string_view version,
                               InferenceFailure reason)
{
    const std::lock_guard lock{families_->mutex};
    families_->model(model, version).failures[static_cast<std::size_t>(reason)]->Increment();
}

void Metrics::inference_looked_up(std::string_view model, std::string_view version, bool hit,
                                  std::chrono::microseconds time)
{
    auto& families = *families_;
    const std::lock_guard lock{families.mutex};
    auto& series = families.model(model, version);
    if (!series.hits) {
        series.hits = &families.cache_hits.Add(series.labels);
        series.misses = &families.cache_misses.Add(series.labels);
        series.hit_time = &families.cache_hit_time.Add(series.labels);
        series.miss_time = &families.cache_miss_time.Add(series.labels);
    }
    (hit ? series.hits : series.misses)->Increment();
    (hit ? series.hit_time : series.miss_time)->Increment(count(time));
    if (hit) series.success->Increment();
}

void Metrics::shadow_compared(std::string_view model, std::string_view version,
                              ShadowOutcome outcome)
{
    auto& families = *families_;
    const std::lock_guard lock{families.mutex};
    auto& series = families.model(model, version);
    if (!series.shadows[0]) {
        for (std::size_t i = 0; i < shadow_names.size(); ++i) {
            auto labels = series.labels;
            labels["outcome"] = shadow_names[i];
            series.shadows[i] = &families.shadows.Add(labels);
        }
    }
    series.shadows[static_cast<std::size_t>(outcome)]->Increment();
}

void Metrics::inference_pending(std::string_view model, std::string_view version, int change)
{
    const std::lock_guard lock{families_->mutex};
    families_->model(model, version).pending->Increment(change);
}

void Metrics::add_gauge(std::string name, std::string help, std::function<double()> value)
{
    families_->asked.emplace_back(prometheus::MetricType::Gauge, std::move(name), std::move(help),
                                  std::move(value));
}

void Metrics::add_counter(std::string name, std::string help, std::function<double()> value)
{
    families_->asked.emplace_back(prometheus::MetricType::Counter, std::move(name), std::move(help),
                                  std::move(value));
}

std::string Metrics::text() const
{
    auto all = families_->registry.Collect();
    for (const auto& asked : families_->asked) {
        for (auto& family : asked.Collect()) all.push_back(std::move(family));
    }
    std::ostringstream text;
    prometheus::TextSerializer{}.Serialize(text, all);
    return std::move(text).str();
}

Router::Handle Metrics::handler() const
{
    return [this](Exchange& exchange) -> asio::awaitable<void> {
        Response response{200, "text/plain; version=0.0.4; charset=utf-8", text()};
        co_await exchange.respond(std::move(response));
    };
}

}  // namespace node
