#pragma once

#include "inference/remote/circuit_breaker.hpp"
#include "inference/remote/upstream.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <thread>

namespace inference {

struct BackendOptions {
    std::string ready_path;         ///< answers when the server takes requests; empty: never asked
    bool only_200_is_ready = true;  ///< else any status but 502, 503 and 504
    std::chrono::milliseconds probe_every{5'000};
    std::chrono::milliseconds probe_time{2'000};
    BreakerLimits breaker;
};

/// An upstream behind a circuit breaker. While calls fail it is asked whether it is ready, so that
/// no caller has to find out. Any thread.
class Backend {
public:
    Backend(std::shared_ptr<Upstream> upstream, BackendOptions options);
    ~Backend();
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;

    /// As Upstream, and `unavailable` at once while the breaker is open. A status of 502, 503 or
    /// 504 counts as a failure of the server, any other as a sign of life, the end of the caller's
    /// time as neither: whether a server hangs is for the question whether it is ready to find.
    Result<UpstreamReply, InferError> call(const UpstreamRequest&, const RunControl&);
    /// The same for Upstream::stream: a body that breaks in the middle is a failure, one that the
    /// sink wants no more of is none.
    Result<UpstreamReply, InferError> stream(const UpstreamRequest&, const RunControl&,
                                             const BodySink&);

    /// False from the moment the breaker opens until a trial succeeds.
    bool ready() const { return breaker_.state() == CircuitBreaker::State::closed; }

private:
    /// Whose deadline it is: a caller's, who may give a server no time, or our own.
    enum class Patience { of_caller, ours };
    template <class Ask>
    Result<UpstreamReply, InferError> guarded(Patience patience, Ask ask);
    void look_after();
    void probe();

    std::shared_ptr<Upstream> upstream_;
    const BackendOptions options_;
    CircuitBreaker breaker_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool closing_ = false;
    std::thread prober_;
};

/// What a caller is told: kinds as in InferErrorKind, no address and no credentials.
InferError to_infer_error(const UpstreamError&);
/// The same for an answer that is not 200; quotes at most 300 bytes of what the server says.
InferError refusal(const UpstreamReply&);

}  // namespace inference
