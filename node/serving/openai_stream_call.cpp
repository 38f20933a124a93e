#include "node/serving/openai_stream_call.hpp"

#include "node/http/http_error.hpp"
#include "node/payment/streamed_answer.hpp"
#include "node/serving/openai_result.hpp"
#include "node/serving/stream_handover.hpp"

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

/// How long a wait for news may be until the caller and the clock are looked at.
constexpr milliseconds look_every{50};
/// How long a server may take between its last event and the end of its answer.
constexpr seconds end_patience{1};

/// How a stream ended, and what of it was passed on.
struct Passed {
    enum class End { whole, cut, failed };
    End end = End::whole;
    bool begun = false;  ///< the caller has the head
    std::string text;
    std::string rest;  ///< held back
    std::uint64_t counted = 0;
    std::optional<inference::OpenAiUsage> usage;
    std::optional<CallResult> failure;
    InferErrorKind why = InferErrorKind::failed;
};

/// However a call ends, by an exception of a shutdown too, the thread that reads for it is let go,
/// and the server is stopped where it has not come to its end.
class Ending {
public:
    explicit Ending(StreamHandover& handover) : handover_{handover} {}
    ~Ending()
    {
        handover_.close();
        if (!read_on_) stop_.request_stop();
    }
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;

    std::stop_token stop_token() const { return stop_.get_token(); }
    /// All is said: the server may end its answer, so that the connection can be kept. One that
    /// does not is stopped by `timer`.
    void let_read_on(const std::shared_ptr<asio::steady_timer>& timer)
    {
        read_on_ = true;
        timer->expires_after(end_patience);
        timer->async_wait([timer, stop = stop_](boost::system::error_code called_off) mutable {
            if (!called_off) stop.request_stop();
        });
    }

private:
    StreamHandover& handover_;
    std::stop_source stop_;
    bool read_on_ = false;
};

Response event_stream(std::string body)
{
    Response response{200, "text/event-stream", Body{std::move(body)}};
    response.with("Cache-Control", "no-store").with("X-Accel-Buffering", "no");
    return response;
}

Passed fail_with(Passed passed, CallResult result, InferErrorKind why)
{
    passed.end = Passed::End::failed;
    passed.failure.emplace(std::move(result));
    passed.why = why;
    return passed;
}

/// The end of what was passed on so far; of nothing it is a failure.
Passed cut_off(Passed passed, const InferError& error)
{
    if (passed.text.empty()) return fail_with(std::move(passed), openai_failure(error), error.kind);
    const HttpError told{200, "cut_off", "the answer ends here: " + error.detail};
    const auto response = error_response("/v1", told);
    passed.end = Passed::End::cut;
    passed.rest = to_event(response.body().view()) + inference::OpenAiStream::done_event();
    return passed;
}

/// Why the server will say no more, though it has not said that all is said.
Passed broken_off(Passed passed, const StreamHandover::News& news)
{
    const InferError too_large{InferErrorKind::too_large, "it is larger than is taken"};
    if (news.wrong) {
        if (news.wrong->status == 413) return cut_off(std::move(passed), too_large);
        return fail_with(std::move(passed), openai_failure(502, "backend", news.wrong->message),
                         InferErrorKind::failed);
    }
    const auto& outcome = *news.outcome;
    if (!outcome) {
        if (outcome.error().kind == InferErrorKind::too_large)
            return cut_off(std::move(passed), too_large);
        if (outcome.error().kind == InferErrorKind::deadline)
            return cut_off(std::move(passed), outcome.error());
        return fail_with(std::move(passed), openai_failure(outcome.error()), outcome.error().kind);
    }
    if (outcome->status != 200)
        return fail_with(std::move(passed), openai_refusal(*outcome), InferErrorKind::failed);
    return fail_with(
        std::move(passed),
        openai_failure(502, "backend", "the model's server ends before its answer does"),
        InferErrorKind::failed);
}

/// Passes events on as they come, until one of both sides, the clock or the price ends it.
asio::awaitable<Passed> pass_on(Exchange& exchange, StreamHandover& handover,
                                asio::steady_timer& timer, const TokenTerms& terms,
                                steady_clock::time_point deadline)
{
    const auto start = steady_clock::now();
    // A publisher may write any number there, and no run takes a day.
    const milliseconds most_time{
        std::min<std::uint64_t>(terms.most_ms.value_or(86'400'000), 86'400'000)};
    const InferError gone{InferErrorKind::cancelled, "the caller hung up"};
    Passed passed;
    for (;;) {
        const auto news = handover.take();
        if (terms.may_stream && !passed.begun && (!news.text.empty() || news.rest)) {
            passed.begun = true;
            auto head = event_stream({});
            if (!co_await exchange.begin(std::move(head)))
                co_return cut_off(std::move(passed), gone);
        }
        // Charged from here on, whether it arrives or not: who asks again gets it.
        passed.text += news.text;
        passed.counted = news.counted;
        passed.usage = news.usage;
        bool here = true;
        if (terms.may_stream && !news.text.empty())
            here = co_await exchange.write_chunk(ledger::as_bytes(news.text));
        if (news.rest) {
            passed.rest = *news.rest;
            co_return passed;
        }
        const auto now = steady_clock::now();
        if (!here || exchange.peer_gone()) co_return cut_off(std::move(passed), gone);
        if (now >= deadline)
            co_return cut_off(std::move(passed),
                              {InferErrorKind::deadline, "the run's time was over"});
        if (news.wrong || news.outcome) co_return broken_off(std::move(passed), news);
        const bool sold_out =
            passed.text.size() >= terms.most_bytes_out.value_or(passed.text.size() + 1) ||
            now - start >= most_time;
        if (sold_out && !passed.text.empty())
            co_return cut_off(std::move(passed),
                              {InferErrorKind::too_large, "no more of it is paid for"});
        // What came during a write has woken nobody.
        if (!news.text.empty()) continue;
        boost::system::error_code ignored;
        timer.expires_after(look_every);
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

}  // namespace

asio::awaitable<CallResult> stream_openai(Exchange& exchange, const OpenAiModel& model,
                                          const inference::OpenAiRequest& read,
                                          inference::UpstreamRequest request, std::size_t bytes_in,
                                          const TokenTerms& terms,
                                          steady_clock::time_point deadline, Metrics* metrics)
{
    const auto start = steady_clock::now();
    const auto executor = co_await asio::this_coro::executor;
    const auto timer = std::make_shared<asio::steady_timer>(executor);
    const auto handover = std::make_shared<StreamHandover>(
        inference::OpenAiStream{read.wants_usage}, deadline,
        [weak = std::weak_ptr{timer}, executor] {
            if (auto waiting = weak.lock())
                asio::post(executor, [waiting = std::move(waiting)] { waiting->cancel(); });
        });
    Ending ending{*handover};
    const auto ver = std::to_string(model.ver.value);
    const bool queued =
        model.threads->submit([handover, backend = model.backend, request = std::move(request),
                               control = inference::RunControl{deadline, ending.stop_token()}] {
            if (handover->closed()) return;
            handover->end(backend->stream(
                request, control, [&](ledger::ByteView piece) { return handover->put(piece); }));
        });
    if (!queued) {
        const InferError busy{InferErrorKind::busy, "all places in the queue are taken"};
        if (metrics) metrics->inference_failed(model.name, ver, reason_of(busy.kind));
        co_return openai_failure(busy);
    }
    if (metrics) metrics->inference_pending(model.name, ver, 1);
    auto passed = co_await pass_on(exchange, *handover, *timer, terms, deadline);
    if (metrics) metrics->inference_pending(model.name, ver, -1);
    if (passed.end == Passed::End::whole) ending.let_read_on(timer);
    if (passed.end == Passed::End::failed) {
        if (metrics) metrics->inference_failed(model.name, ver, reason_of(passed.why));
        co_return std::move(*passed.failure);
    }
    const auto spent = steady_clock::now() - start;
    auto said = passed.usage.value_or(inference::OpenAiUsage{0, passed.counted});
    // What the server said last may be of long before the end.
    if (passed.end == Passed::End::cut) said.out = std::max(said.out, passed.counted);
    const auto used = inference::within_bounds(said, read);
    if (metrics) {
        const auto us = duration_cast<microseconds>(spent);
        metrics->inference_succeeded(model.name, ver, read.rows, {us, {}, {}, us, {}});
    }
    const auto sent = passed.text.size();
    auto whole = std::move(passed.text) + passed.rest;
    const auto units = openai_units(read, used, bytes_in, whole.size(), spent);
    CallResult result{event_stream(std::move(whole)), true, units};
    if (passed.begun) result.sent = sent;
    co_return result;
}

}  // namespace node
