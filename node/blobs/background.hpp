#pragma once

#include "ledger/base/result.hpp"
#include "node/http/await_callback.hpp"

#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <functional>

namespace node {

/// Threads for what blocks on the disk or on a bucket, so that no request waits for another one's.
/// Who posts has taken a place before (CallerLimits, BatchLimits): nothing piles up here.
class Background {
public:
    explicit Background(std::size_t threads) : threads_{threads} {}
    /// As finish().
    ~Background() { finish(); }
    /// Finishes what was posted; for the end, when nothing more comes.
    void finish() { threads_.join(); }
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    /// The result of `work`, which runs there; `unavailable` after a minute, while it goes on.
    template <class T>
    asio::awaitable<ledger::Result<T>> run(std::function<ledger::Result<T>()> work)
    {
        // GCC 12 destroys a lambda that owns something twice where it stands in a co_await.
        using Tell = std::function<void(ledger::Result<T>)>;
        std::function<void(Tell)> start = [this, work = std::move(work)](Tell tell) {
            asio::post(threads_, [work, tell] { tell(work()); });
        };
        auto done =
            co_await await_callback<ledger::Result<T>>(std::move(start), std::chrono::minutes{1});
        if (!done)
            co_return ledger::Error{ledger::ErrorKind::unavailable, "the store does not answer"};
        co_return std::move(*done);
    }

private:
    asio::thread_pool threads_;
};

}  // namespace node
