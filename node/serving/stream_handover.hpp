#pragma once

#include "inference/infer_error.hpp"
#include "inference/remote/openai_stream.hpp"
#include "inference/remote/upstream.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace node {

/// A stream between the thread that reads it from the model's server and the coroutine that passes
/// it on. What waits to be taken is bounded: the thread waits while it is that much, and so the
/// server does. Owns nothing of an executor, so that the thread may drop it late.
class StreamHandover {
public:
    using Outcome = ledger::Result<inference::UpstreamReply, inference::InferError>;

    static constexpr std::size_t most_waiting = 64 * 1024;

    /// `wake` tells the coroutine that there is news; it is called on the thread, and never again
    /// once close() came back. The thread waits no longer than until `deadline`.
    StreamHandover(inference::OpenAiStream stream, std::chrono::steady_clock::time_point deadline,
                   std::function<void()> wake);

    /// For the thread: takes bytes of the server's; false when no more are wanted.
    [[nodiscard]] bool put(ledger::ByteView bytes);
    /// For the thread: how the server's answer ended.
    void end(Outcome outcome);
    bool closed() const;

    struct News {
        std::string text;  ///< whole events, to be passed on now
        /// Tokens counted and said up to the end of `text`.
        std::uint64_t counted = 0;
        std::optional<inference::OpenAiUsage> usage;
        /// Set once the server has said that all is said: the events that were held back.
        std::optional<std::string> rest;
        /// Otherwise why there will be no more.
        std::optional<inference::ProtocolError> wrong;
        std::optional<Outcome> outcome;
    };
    /// For the coroutine: all that has come since the last time.
    News take();
    /// For the coroutine: nothing more is wanted, or all was said.
    void close();

private:
    inference::OpenAiStream stream_;  ///< the thread's alone
    const std::chrono::steady_clock::time_point deadline_;
    const std::function<void()> wake_;
    mutable std::mutex mutex_;
    std::condition_variable room_;
    News news_;
    bool closed_ = false;
};

}  // namespace node
