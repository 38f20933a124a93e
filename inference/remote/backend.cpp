#include "inference/remote/backend.hpp"

#include "inference/protocol/client.hpp"

#include <algorithm>
#include <cctype>

namespace inference {
namespace {

using Clock = std::chrono::steady_clock;

bool is_server_trouble(unsigned status)
{
    return status == 502 || status == 503 || status == 504;
}

}  // namespace

std::optional<std::string_view> UpstreamReply::header(std::string_view name) const
{
    for (const auto& [key, value] : headers)
        if (std::ranges::equal(key, name, [](unsigned char a, unsigned char b) {
                return std::tolower(a) == std::tolower(b);
            }))
            return value;
    return {};
}

InferError to_infer_error(const UpstreamError& error)
{
    switch (error.fault) {
        case UpstreamFault::unreachable:
        case UpstreamFault::untrusted:
            return {InferErrorKind::unavailable, "the server that runs this model is not there"};
        case UpstreamFault::broken:
            return {InferErrorKind::unavailable, "the server that runs this model hung up"};
        case UpstreamFault::malformed:
            return {InferErrorKind::failed, "the server that runs this model answers nonsense"};
        case UpstreamFault::too_large:
            return {InferErrorKind::too_large, "the model's answer is larger than is taken"};
        case UpstreamFault::deadline:
            return {InferErrorKind::deadline, "the run's time was over"};
        case UpstreamFault::cancelled:
            return {InferErrorKind::cancelled, "the run was cancelled"};
        case UpstreamFault::busy:
            return {InferErrorKind::busy, "all connections to the model's server are in use"};
    }
    return {InferErrorKind::failed, "the model's server failed"};
}

InferError refusal(const UpstreamReply& reply)
{
    const auto said = [&](const char* what) {
        const auto message = parse_error(reply.body);
        return std::string{what} + (message.empty() ? "" : ": " + message);
    };
    switch (reply.status) {
        case 400:
        case 422:
            return {InferErrorKind::invalid_input, said("the model's server refuses the request")};
        case 413:
            return {InferErrorKind::too_large, "the request is too large for the model's server"};
        case 408:
        case 504:
            return {InferErrorKind::deadline, "the model's server ran out of time"};
        case 429:
            return {InferErrorKind::busy, "the model's server has more requests than it takes"};
        case 404:
        case 502:
        case 503:
            return {InferErrorKind::unavailable, "the model's server cannot run it now"};
        case 401:
        case 402:
        case 403:
            return {InferErrorKind::failed, "the model's server does not let this node in"};
        default:
            return {InferErrorKind::failed, said("the model's server failed")};
    }
}

Backend::Backend(std::shared_ptr<Upstream> upstream, BackendOptions options)
    : upstream_{std::move(upstream)}, options_{std::move(options)}, breaker_{options_.breaker}
{
    if (!options_.ready_path.empty()) prober_ = std::thread{[this] { look_after(); }};
}

Backend::~Backend()
{
    {
        const std::lock_guard lock{mutex_};
        closing_ = true;
    }
    changed_.notify_all();
    if (prober_.joinable()) prober_.join();
}

template <class Ask>
Result<UpstreamReply, InferError> Backend::guarded(Patience patience, Ask ask)
{
    if (!breaker_.allow(Clock::now()))
        return InferError{InferErrorKind::unavailable,
                          "the server that runs this model fails; it is tried again soon"};
    Result<UpstreamReply, UpstreamError> reply = ask();
    if (!reply) {
        switch (reply.error().fault) {
            // Neither tells anything of the server.
            case UpstreamFault::cancelled:
            case UpstreamFault::busy:
                breaker_.abandoned();
                break;
            case UpstreamFault::too_large:
                breaker_.succeeded();
                break;
            case UpstreamFault::deadline:
                if (patience == Patience::of_caller)
                    breaker_.abandoned();
                else
                    breaker_.failed(Clock::now());
                break;
            default:
                breaker_.failed(Clock::now());
        }
        return to_infer_error(reply.error());
    }
    if (is_server_trouble(reply->status))
        breaker_.failed(Clock::now());
    else
        breaker_.succeeded();
    return std::move(*reply);
}

Result<UpstreamReply, InferError> Backend::call(const UpstreamRequest& request,
                                                const RunControl& control)
{
    return guarded(Patience::of_caller, [&] { return upstream_->call(request, control); });
}

Result<UpstreamReply, InferError> Backend::stream(const UpstreamRequest& request,
                                                  const RunControl& control, const BodySink& sink)
{
    return guarded(Patience::of_caller, [&] { return upstream_->stream(request, control, sink); });
}

void Backend::probe()
{
    const UpstreamRequest request{"GET", options_.ready_path};
    (void)guarded(Patience::ours, [&]() -> Result<UpstreamReply, UpstreamError> {
        auto reply = upstream_->call(request, {Clock::now() + options_.probe_time, {}});
        // Not ready is no trouble of the connection, but as good a reason not to ask.
        if (options_.only_200_is_ready && reply && reply->status != 200) reply->status = 503;
        return reply;
    });
}

void Backend::look_after()
{
    std::unique_lock lock{mutex_};
    for (;;) {
        // Often enough while it is down, so that nobody waits long for what is there again.
        const auto pause = ready() ? options_.probe_every
                                   : std::min(options_.probe_every, options_.breaker.first_pause);
        if (changed_.wait_for(lock, pause, [this] { return closing_; })) return;
        lock.unlock();
        probe();
        lock.lock();
    }
}

}  // namespace inference
