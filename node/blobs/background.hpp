#pragma once

#include "ledger/base/result.hpp"
#include "node/http/await_callback.hpp"

#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>

namespace node {

struct BackgroundLimits {
    /// Under way and waiting, those whose callers have given up too: each may hold a MiB.
    std::size_t works = 256;
};

/// Threads for what blocks on the disk or on a bucket, so that no request waits for another one's.
/// A store that is slower than what is asked of it refuses more instead of keeping it in memory.
class Background {
public:
    explicit Background(std::size_t threads, const BackgroundLimits& limits = {})
        : limits_{limits}, threads_{threads}
    {
    }
    /// As finish().
    ~Background() { finish(); }
    /// Finishes what was posted; for the end, when nothing more comes.
    void finish() { threads_.join(); }
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    /// The result of `work`, which runs there; `unavailable` after a minute, while it goes on, and
    /// at once where there are as many as the limits let.
    template <class T>
    asio::awaitable<ledger::Result<T>> run(std::function<ledger::Result<T>()> work)
    {
        if (works_.fetch_add(1) >= limits_.works) {
            --works_;
            co_return ledger::Error{ledger::ErrorKind::unavailable,
                                    std::to_string(limits_.works) +
                                        " requests wait for the store already: ask again later"};
        }
        // GCC 12 destroys a lambda that owns something twice where it stands in a co_await.
        using Tell = std::function<void(ledger::Result<T>)>;
        std::function<void(Tell)> start = [this, work = std::move(work)](Tell tell) {
            asio::post(threads_, [this, work, tell] {
                auto result = work();
                --works_;  // first, so that who is told finds the place free
                tell(std::move(result));
            });
        };
        auto done =
            co_await await_callback<ledger::Result<T>>(std::move(start), std::chrono::minutes{1});
        if (!done)
            co_return ledger::Error{ledger::ErrorKind::unavailable, "the store does not answer"};
        co_return std::move(*done);
    }

private:
    const BackgroundLimits limits_;
    std::atomic<std::size_t> works_ = 0;
    asio::thread_pool threads_;
};

}  // namespace node
