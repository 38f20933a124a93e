#include "node/serving/inference_call.hpp"

#include "inference/protocol/infer_response.hpp"
#include "inference/protocol/metadata.hpp"
#include "node/http/await_callback.hpp"
#include "node/serving/shadow.hpp"

namespace node {
namespace {

using namespace std::chrono;
using inference::InferError;
using inference::InferErrorKind;

CallResult failure(int status, std::string message)
{
    return {protocol_error({status, std::move(message)})};
}

CallResult failure(const InferError& error, const ServingLimits& limits)
{
    if (error.kind != InferErrorKind::busy && error.kind != InferErrorKind::unavailable)
        return failure(inference::http_status(error.kind), error.detail);
    CallResult result = error.kind == InferErrorKind::busy
                            ? failure(429, "model busy: " + error.detail)
                            : failure(503, error.detail);
    result.response.with("Retry-After", std::to_string(limits.retry_after_s));
    return result;
}

std::uint64_t total_ms(nanoseconds spent)
{
    return static_cast<std::uint64_t>((spent.count() + 999'999) / 1'000'000);
}

/// Stops the run when the caller hangs up: looked at now and then while we wait.
asio::awaitable<std::optional<inference::PoolAnswer>> run(Exchange& exchange,
                                                          inference::ModelPool& pool,
                                                          inference::PoolRequest request,
                                                          steady_clock::time_point deadline,
                                                          std::optional<InferError>& refused)
{
    std::stop_source stop;
    request.control.stop = stop.get_token();
    request.control.deadline = deadline;

    struct Wait {
        explicit Wait(const asio::any_io_executor& executor) : timer{executor} {}
        asio::steady_timer timer;
        std::optional<inference::PoolAnswer> answer;
    };
    const auto executor = co_await asio::this_coro::executor;
    const auto wait = std::make_shared<Wait>(executor);
    // The pool may drop the function late, on a worker: it holds no timer of its own.
    const auto queued = pool.submit(
        std::move(request), [weak = std::weak_ptr{wait}, executor](inference::PoolAnswer a) {
            auto waiting = weak.lock();
            if (!waiting) return;
            asio::post(executor, [waiting = std::move(waiting), a = std::move(a)]() mutable {
                waiting->answer.emplace(std::move(a));
                waiting->timer.cancel();
            });
        });
    if (!queued) {
        refused = queued.error();
        co_return std::nullopt;
    }
    while (!wait->answer) {
        boost::system::error_code ignored;
        wait->timer.expires_after(milliseconds{50});
        co_await wait->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        if (!wait->answer && exchange.peer_gone()) stop.request_stop();
    }
    co_return std::move(wait->answer);
}

UnitCounts units_of(const inference::InferRequest& request,
                    const inference::RenderedResponse& rendered, nanoseconds infer)
{
    UnitCounts units{};
    const auto set = [&](market::Unit unit, std::uint64_t count) {
        units[static_cast<std::size_t>(unit)] = count;
    };
    set(market::Unit::call, 1);
    set(market::Unit::row, request.rows);
    set(market::Unit::byte_in, request.input_bytes);
    set(market::Unit::byte_out, rendered.body.size());
    set(market::Unit::ms, total_ms(infer));
    return units;
}

/// Renders what a run gave, or what had been kept of one.
CallResult render(const inference::InferRequest& request, const ServedModel& model,
                  const ServedVersion& version, std::span<const inference::Tensor> outputs,
                  nanoseconds infer)
{
    auto rendered = inference::render_infer_response(
        request, {model.name, std::to_string(version.ver.value), version.labels}, outputs);
    if (!rendered) return CallResult{protocol_error(rendered.error())};
    const auto units = units_of(request, *rendered, infer);
    Response response{200, rendered->content_type, std::move(rendered->body)};
    if (rendered->json_bytes)
        response.with("Inference-Header-Content-Length", std::to_string(*rendered->json_bytes));
    return {std::move(response), true, units};
}

/// The answer to an equal call, if one was kept.
std::optional<CallResult> kept_answer(const CallParts& parts, const ServedModel& model,
                                      const ServedVersion& version,
                                      const inference::InferRequest& request,
                                      const ledger::Hash& key, steady_clock::time_point started)
{
    const auto kept = parts.cache->find(key);
    std::optional<CallResult> result;
    if (kept) {
        result = render(request, model, version, kept->outputs, kept->infer);
        result->response.with("Millrace-Cache", "hit");
    }
    const auto time = steady_clock::now() - started;
    kept ? version.cache.hit(time) : version.cache.miss(time);
    if (parts.metrics)
        parts.metrics->inference_looked_up(model.name, std::to_string(version.ver.value),
                                           kept != nullptr, duration_cast<microseconds>(time));
    return result;
}

}  // namespace

InferenceFailure reason_of(inference::InferErrorKind kind)
{
    switch (kind) {
        case InferErrorKind::busy:
            return InferenceFailure::rejected;
        case InferErrorKind::cancelled:
            return InferenceFailure::canceled;
        case InferErrorKind::failed:
        case InferErrorKind::unavailable:
            return InferenceFailure::backend;
        default:
            return InferenceFailure::other;
    }
}

Response protocol_error(const inference::ProtocolError& error)
{
    return Response::json(static_cast<unsigned>(error.status),
                          inference::error_body(error.message));
}

ledger::Result<inference::InferRequest, inference::ProtocolError> read_request(
    const Exchange& exchange, const ServedVersion& version, const ledger::Bytes& body,
    const inference::ProtocolLimits& limits)
{
    using inference::ProtocolError;
    std::optional<std::uint64_t> json_bytes;
    if (const auto header = exchange.head().header("Inference-Header-Content-Length")) {
        json_bytes = inference::parse_json_bytes_header(*header);
        if (!json_bytes)
            return ProtocolError{400, "Inference-Header-Content-Length is not a length"};
    }
    if (const auto encoding = exchange.head().header("Content-Encoding");
        encoding && *encoding != "identity")
        return ProtocolError{415, "compressed bodies are not taken"};
    return inference::parse_infer_request(body, json_bytes, version.pool->summary().io, limits);
}

asio::awaitable<CallResult> infer(Exchange& exchange, const ServedModel& model,
                                  const ServedVersion& version, const ledger::Bytes& body,
                                  const CallParts& parts,
                                  std::chrono::steady_clock::time_point deadline)
{
    const auto started = steady_clock::now();
    const auto ver = std::to_string(version.ver.value);
    auto* metrics = parts.metrics;
    auto request = read_request(exchange, version, body, parts.limits.protocol);
    if (!request) co_return CallResult{protocol_error(request.error())};

    std::optional<ledger::Hash> key;
    if (model.cache && parts.cache) {
        key = ResponseCache::key(version.content_id, *request);
        if (auto kept = kept_answer(parts, model, version, *request, *key, started))
            co_return std::move(*kept);
    }
    deadline = std::min(deadline, started + parts.limits.run);
    if (request->timeout_us && *request->timeout_us != 0)
        deadline = std::min(deadline, started + microseconds{std::min<std::uint64_t>(
                                                    *request->timeout_us, 86'400'000'000)});
    std::optional<AnsweredCall> copied;
    if (metrics && is_shadowed(model, version))
        copied = AnsweredCall{request->inputs, request->output_names(), {}};
    std::optional<InferError> refused;
    inference::PoolRequest work{
        std::move(request->inputs), request->output_names(), {}, request->priority};
    if (metrics) metrics->inference_pending(model.name, ver, 1);
    auto answer = co_await run(exchange, *version.pool, std::move(work), deadline, refused);
    if (metrics) metrics->inference_pending(model.name, ver, -1);
    if (!answer || !answer->outcome) {
        const auto error = refused ? *refused : answer->outcome.error();
        if (metrics) metrics->inference_failed(model.name, ver, reason_of(error.kind));
        co_return failure(error, parts.limits);
    }
    auto result = render(*request, model, version, *answer->outcome, answer->own_infer);
    if (!result.served) co_return result;

    if (metrics) {
        if (answer->run_rows != 0) metrics->inference_ran(model.name, ver, answer->run_rows);
        const auto us = [](nanoseconds spent) { return duration_cast<microseconds>(spent); };
        metrics->inference_succeeded(
            model.name, ver, request->rows,
            {us(steady_clock::now() - started), us(answer->queue), us(answer->timing.input),
             us(answer->timing.infer), us(answer->timing.output)});
    }
    if (key) parts.cache->keep(*key, {*answer->outcome, answer->own_infer});
    if (copied) {
        copied->outputs = std::move(*answer->outcome);
        send_to_shadow(model, std::move(*copied), steady_clock::now() + parts.limits.run, *metrics);
    }
    co_return result;
}

}  // namespace node
