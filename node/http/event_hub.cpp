#include "node/http/event_hub.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/base/ids.hpp"
#include "node/http/as_result.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <deque>

namespace node {
namespace {

constexpr unsigned try_again_later = 1013;

/// As events write it, whatever case the caller wrote it in; nothing when it can be about nothing.
std::optional<std::string> key_of_events(std::string_view text)
{
    const auto bytes = ledger::from_hex(text);
    if (!bytes) return {};
    if (bytes->size() != ledger::Address::size && bytes->size() != ledger::Hash::size) return {};
    return ledger::to_hex0x(*bytes);
}

}  // namespace

/// The queue is shared between the publishing threads and the subscriber's own; the rest
/// belongs to the subscriber's thread.
struct EventHub::Subscriber : std::enable_shared_from_this<Subscriber> {
    explicit Subscriber(const asio::any_io_executor& executor)
        : wake{executor, asio::steady_timer::time_point::max()}
    {
    }

    bool wants(const Event& event) const
    {
        const auto has = [](const auto& list, const std::string& value) {
            return std::find(list.begin(), list.end(), value) != list.end();
        };
        return (topics.empty() || has(topics, event.topic)) &&
               (key.empty() || has(event.keys, key));
    }

    void push(const std::shared_ptr<const std::string>& text, std::size_t limit)
    {
        const std::lock_guard lock{mutex};
        if (slow) return;
        if (queue.size() == limit) {
            slow = true;
            queue.clear();
        } else {
            queue.push_back(text);
        }
        if (std::exchange(wake_posted, true)) return;
        asio::post(wake.get_executor(), [self = shared_from_this()] { self->wake.cancel(); });
    }

    struct Next {
        bool slow;
        std::shared_ptr<const std::string> text;  ///< null: nothing waits
    };
    /// One look under one lock: after it, the next push wakes again.
    Next take()
    {
        const std::lock_guard lock{mutex};
        wake_posted = false;
        if (queue.empty()) return {slow, nullptr};
        auto text = std::move(queue.front());
        queue.pop_front();
        return {false, std::move(text)};
    }

    std::vector<std::string> topics;
    std::string key;
    asio::steady_timer wake;
    bool ended = false;

    std::mutex mutex;
    std::deque<std::shared_ptr<const std::string>> queue;
    bool slow = false;
    bool wake_posted = false;
};

EventHub::EventHub(std::vector<std::string> topics, EventLimits limits)
    : topics_{std::move(topics)}, limits_{limits}
{
}

EventHub::~EventHub() = default;

std::size_t EventHub::subscribers() const
{
    const std::lock_guard lock{mutex_};
    return subscribers_.size();
}

void EventHub::publish(const Event& event)
{
    std::shared_ptr<const std::string> text;
    const std::lock_guard lock{mutex_};
    for (const auto& subscriber : subscribers_) {
        if (!subscriber->wants(event)) continue;
        if (!text) text = std::make_shared<const std::string>(event.text);
        subscriber->push(text, limits_.queued);
    }
}

std::optional<HttpError> EventHub::read_filter(const RequestHead& head,
                                               Subscriber& subscriber) const
{
    if (const auto text = head.target.parameter("key")) {
        auto key = key_of_events(*text);
        if (!key)
            return HttpError{400, "bad_key", "a key is an address or an id in hex",
                             std::string{*text}};
        subscriber.key = std::move(*key);
    }
    auto list = head.target.parameter("topics").value_or("");
    while (!list.empty()) {
        const auto name = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), name.size() + 1));
        if (std::find(topics_.begin(), topics_.end(), name) == topics_.end()) {
            return HttpError{400, "unknown_topic", "there is no such topic", std::string{name}};
        }
        subscriber.topics.emplace_back(name);
    }
    return {};
}

asio::awaitable<void> EventHub::serve(Exchange& exchange)
{
    const auto executor = co_await asio::this_coro::executor;
    const auto subscriber = std::make_shared<Subscriber>(executor);
    if (auto wrong = read_filter(exchange.head(), *subscriber)) {
        co_await exchange.refuse(std::move(*wrong));
        co_return;
    }
    {
        const std::lock_guard lock{mutex_};
        if (subscribers_.size() < limits_.subscribers) subscribers_.insert(subscriber);
    }
    const auto leave = [this](const std::shared_ptr<Subscriber>* who) {
        const std::lock_guard lock{mutex_};
        subscribers_.erase(*who);
    };
    // Leaves the hub however this coroutine ends.
    const std::unique_ptr<const std::shared_ptr<Subscriber>, decltype(leave)> membership{
        &subscriber, leave};
    bool full = false;
    {
        const std::lock_guard lock{mutex_};
        full = !subscribers_.contains(subscriber);
    }
    if (full) {
        HttpError error{503, "too_many_subscribers", "try again later"};
        co_await exchange.refuse(std::move(error));
        co_return;
    }
    const std::shared_ptr<WebSocket> socket = co_await exchange.upgrade();
    if (!socket) co_return;

    // What the caller says is not used, but reading answers its pings and sees its close.
    const auto listen = [](std::shared_ptr<WebSocket> from,
                           std::shared_ptr<Subscriber> who) -> asio::awaitable<void> {
        while (co_await from->receive()) {
        }
        who->ended = true;
        who->wake.cancel();
    };
    asio::co_spawn(executor, listen(socket, subscriber), [](std::exception_ptr) {});

    while (!subscriber->ended) {
        const auto [slow, text] = subscriber->take();
        if (slow) {
            co_await socket->close(try_again_later, "too slow; read the missed blocks by height");
            break;
        }
        if (!text) {
            co_await subscriber->wake.async_wait(as_result);
        } else if (!co_await socket->send(*text)) {
            break;
        }
    }
}

}  // namespace node
