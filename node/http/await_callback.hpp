#pragma once

#include "node/http/exchange.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace node {

/// Waits for a function that calls back once from any thread, or until `patience` has passed:
/// then gives nothing, calls `give_up`, and ignores the call that may still come. The coroutine
/// goes on on its own executor.
template <class T>
asio::awaitable<std::optional<T>> await_callback(std::function<void(std::function<void(T)>)> start,
                                                 std::chrono::milliseconds patience,
                                                 std::function<void()> give_up = {})
{
    struct Wait {
        explicit Wait(const asio::any_io_executor& executor) : timer{executor} {}
        asio::steady_timer timer;
        std::optional<T> value;
    };
    const auto executor = co_await asio::this_coro::executor;
    const auto wait = std::make_shared<Wait>(executor);
    wait->timer.expires_after(patience);
    // Whoever calls back may keep the function for as long as it likes, beyond the io_context too:
    // it holds no timer, and only hands one over to the executor.
    start([weak = std::weak_ptr{wait}, executor](T value) {
        auto waiting = weak.lock();
        if (!waiting) return;
        asio::post(executor, [waiting = std::move(waiting), value = std::move(value)]() mutable {
            waiting->value.emplace(std::move(value));
            waiting->timer.cancel();
        });
    });
    if (!wait->value) {
        boost::system::error_code ignored;
        co_await wait->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    if (!wait->value && give_up) give_up();
    co_return std::move(wait->value);
}

}  // namespace node
