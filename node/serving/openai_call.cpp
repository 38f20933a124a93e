#include "node/serving/openai_call.hpp"

#include "node/serving/openai_result.hpp"
#include "node/serving/openai_stream_call.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace node {
namespace {

using namespace std::chrono;
using inference::InferError;
using inference::InferErrorKind;
using inference::UpstreamReply;
using Outcome = ledger::Result<UpstreamReply, InferError>;

/// Stops the call when the caller hangs up: looked at now and then while we wait.
asio::awaitable<Outcome> ask(Exchange& exchange, const OpenAiModel& model,
                             inference::UpstreamRequest request, steady_clock::time_point deadline)
{
    struct Wait {
        explicit Wait(const asio::any_io_executor& executor) : timer{executor} {}
        asio::steady_timer timer;
        std::optional<Outcome> outcome;
    };
    std::stop_source stop;
    const auto executor = co_await asio::this_coro::executor;
    const auto wait = std::make_shared<Wait>(executor);
    // The threads may drop the function late: it holds no timer of its own.
    const bool queued =
        model.threads->submit([weak = std::weak_ptr{wait}, executor, backend = model.backend,
                               request = std::move(request),
                               control = inference::RunControl{deadline, stop.get_token()}] {
            if (weak.expired()) return;
            auto outcome = backend->call(request, control);
            auto waiting = weak.lock();
            if (!waiting) return;
            asio::post(executor,
                       [waiting = std::move(waiting), outcome = std::move(outcome)]() mutable {
                           waiting->outcome.emplace(std::move(outcome));
                           waiting->timer.cancel();
                       });
        });
    if (!queued) co_return InferError{InferErrorKind::busy, "all places in the queue are taken"};
    while (!wait->outcome) {
        boost::system::error_code ignored;
        wait->timer.expires_after(milliseconds{50});
        co_await wait->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        if (!wait->outcome && exchange.peer_gone()) stop.request_stop();
        // What waits in the queue has no deadline of its own, nor has what a shutdown dropped.
        if (!wait->outcome && steady_clock::now() >= deadline + seconds{1}) {
            stop.request_stop();
            co_return InferError{InferErrorKind::deadline, "the call's time was over"};
        }
    }
    co_return std::move(*wait->outcome);
}

ledger::Result<inference::OpenAiRequest, HttpError> read_call(const OpenAiModel& model,
                                                              inference::OpenAiCall call,
                                                              const ledger::Bytes& body,
                                                              const TokenTerms& terms)
{
    auto read = inference::read_openai_request(call, body, model.remote, terms.most_out);
    if (!read)
        return HttpError{static_cast<unsigned>(read.error().status), "invalid_request",
                         read.error().message};
    if (read->model != model.name)
        return HttpError{404, "model_not_found", "this is an address of the model " + model.name};
    return std::move(*read);
}

}  // namespace

TokenTerms token_terms(const std::vector<PricedVersion>& versions)
{
    TokenTerms terms;
    const auto lower = [](std::optional<std::uint64_t>& to, std::uint64_t most) {
        to = std::min(to.value_or(most), most);
    };
    for (const auto& version : versions)
        for (const auto& dated : version.sheets)
            for (const auto& part : dated.sheet.parts) {
                const bool out = part.unit == market::Unit::token_out;
                terms.counted = terms.counted || out || part.unit == market::Unit::token_in;
                if (out) lower(terms.most_out, part.max_units);
                if (part.unit == market::Unit::byte_out)
                    lower(terms.most_bytes_out, part.max_units);
                if (part.unit == market::Unit::ms) lower(terms.most_ms, part.max_units);
            }
    return terms;
}

std::optional<Response> unfit_for(const OpenAiModel& model, inference::OpenAiCall call,
                                  const ledger::Bytes& body, const TokenTerms& terms)
{
    const auto read = read_call(model, call, body, terms);
    if (read) return {};
    const auto& wrong = read.error();
    return openai_failure(wrong.status, wrong.code, wrong.message).response;
}

asio::awaitable<CallResult> call_openai(Exchange& exchange, const OpenAiModel& model,
                                        inference::OpenAiCall call, const ledger::Bytes& body,
                                        const TokenTerms& terms, steady_clock::time_point deadline,
                                        Metrics* metrics)
{
    const auto read = read_call(model, call, body, terms);
    if (!read)
        co_return openai_failure(read.error().status, read.error().code, read.error().message);

    const auto ver = std::to_string(model.ver.value);
    const auto start = steady_clock::now();
    inference::UpstreamRequest request{"POST",
                                       std::string{inference::path_of(call)},
                                       {{"Content-Type", "application/json"}},
                                       read->body};
    if (read->stream)
        co_return co_await stream_openai(exchange, model, *read, std::move(request), body.size(),
                                         terms, deadline, metrics);
    if (metrics) metrics->inference_pending(model.name, ver, 1);
    const auto reply = co_await ask(exchange, model, std::move(request), deadline);
    if (metrics) metrics->inference_pending(model.name, ver, -1);
    const auto spent = steady_clock::now() - start;
    const auto failed = [&](CallResult result, InferErrorKind kind = InferErrorKind::failed) {
        if (metrics) metrics->inference_failed(model.name, ver, reason_of(kind));
        return result;
    };
    if (!reply) co_return failed(openai_failure(reply.error()), reply.error().kind);
    if (reply->status != 200) co_return failed(openai_refusal(*reply));
    inference::OpenAiLimits limits;
    const auto used = inference::read_openai_usage(reply->body, limits);
    if (!used)
        co_return failed(openai_failure(502, "backend", "the model's server answers nonsense"));
    if (!*used && terms.counted)
        co_return failed(
            openai_failure(502, "backend", "the model's server does not say what it used"));

    const auto charged =
        inference::within_bounds((*used).value_or(inference::OpenAiUsage{}), *read);
    const auto units = openai_units(*read, charged, body.size(), reply->body.size(), spent);
    if (metrics) {
        const auto us = duration_cast<microseconds>(spent);
        metrics->inference_succeeded(model.name, ver, read->rows, {us, {}, {}, us, {}});
    }
    Response response{200, "application/json", Body{reply->body}};
    co_return CallResult{std::move(response), true, units};
}

}  // namespace node
