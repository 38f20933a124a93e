#pragma once

#include "node/http/observer.hpp"
#include "node/http/router.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace node {

/// What one model run took; the names are those of the Open Inference Protocol's servers.
struct InferenceTimes {
    std::chrono::microseconds request{};  ///< from the head to the answer
    std::chrono::microseconds queue{};
    std::chrono::microseconds compute_input{};
    std::chrono::microseconds compute_infer{};
    std::chrono::microseconds compute_output{};
};

enum class InferenceFailure { rejected, canceled, backend, other };

/// What a shadow version made of a copy of a call, beside what the caller was answered.
enum class ShadowOutcome { equal, differs, failed, dropped };

/// Every number the node shows at /metrics, in Prometheus text (version 0.0.4). Any thread may
/// call anything. Labels are routes, statuses and the names of hosted models, never callers; one
/// more than `series_limit` label sets of a family are counted together as "other".
///
/// HTTP: millrace_http_requests_total{route,status}, millrace_http_request_duration_seconds
/// {route}, millrace_http_payment_required_total{route}, millrace_payments_total{outcome},
/// millrace_http_body_bytes_total,
/// millrace_http_sent_bytes_total, millrace_http_connections,
/// millrace_http_connections_refused_total, millrace_http_handler_failures_total{route}.
/// Inference, {model,version}: nv_inference_request_success, nv_inference_request_failure
/// {reason}, nv_inference_count (items), nv_inference_exec_count (runs),
/// nv_inference_pending_request_count, nv_inference_{request,queue,compute_input,compute_infer,
/// compute_output}_duration_us, nv_cache_num_{hits,misses}_per_model, nv_cache_{hit,miss}_duration_
/// per_model (microseconds), millrace_shadow_calls_total{outcome}, and the histograms
/// nv_inference_batch_size (rows of a run) and millrace_inference_{duration,queue,compute}_seconds.
/// docs/metrics.md lists all of them with those that other parts add.
class Metrics : public RequestObserver {
public:
    static constexpr std::size_t series_limit = 500;

    Metrics();
    ~Metrics() override;

    void answered(const AccessRecord& record) override;
    void connection_opened() override;
    void connection_closed() override;
    void connection_refused() override;
    void handler_failed(std::string_view route, std::string_view what) override;

    /// One run of `rows` rows, whatever number of requests it answered.
    void inference_ran(std::string_view model, std::string_view version, std::uint64_t rows);
    /// One request that was answered: `items` is the batch the caller sent.
    void inference_succeeded(std::string_view model, std::string_view version, std::uint64_t items,
                             const InferenceTimes& times);
    void inference_failed(std::string_view model, std::string_view version,
                          InferenceFailure reason);
    /// A call that the response cache was asked for; a hit is a request that succeeded and ran
    /// nothing.
    void inference_looked_up(std::string_view model, std::string_view version, bool hit,
                             std::chrono::microseconds time);
    void shadow_compared(std::string_view model, std::string_view version, ShadowOutcome outcome);
    /// Waiting for a worker: +1 when queued, -1 when it left the queue.
    void inference_pending(std::string_view model, std::string_view version, int change);

    /// A counter or gauge of another part, asked at each scrape from the scraping thread; `value`
    /// must be safe there and live as long as this. Names begin with millrace_; counters end in
    /// _total. Before the server starts.
    void add_gauge(std::string name, std::string help, std::function<double()> value);
    void add_counter(std::string name, std::string help, std::function<double()> value);

    /// The exposition text.
    std::string text() const;

    /// Answers GET /metrics.
    Router::Handle handler() const;

private:
    struct Families;
    std::unique_ptr<Families> families_;
};

}  // namespace node
