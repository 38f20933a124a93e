#pragma once

#include "node/http/exchange.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace node {

struct EventLimits {
    std::size_t queued = 256;  ///< events waiting for one subscriber; one more drops it
    std::size_t subscribers = 256;
};

/// Something that happened, told to whoever listens.
struct Event {
    std::string topic;                   ///< one of the hub's topics, such as "block"
    std::vector<std::string> keys = {};  ///< what it is about: addresses, ids; 0x, lower-case hex
    std::string text;                    ///< one JSON object
};

/// Tells events to WebSocket callers. `?topics=block,transaction` chooses topics (all without
/// it), `?key=0x…` only what is about that address or id; both may be given. A subscriber that
/// reads too slowly is closed with 1013 and can fetch what it missed by height; nobody waits for
/// it.
class EventHub {
public:
    EventHub(std::vector<std::string> topics, EventLimits limits = {});
    ~EventHub();

    /// Any thread; never blocks on a subscriber.
    void publish(const Event& event);

    /// The handler of the route: upgrades and serves until either side ends.
    asio::awaitable<void> serve(Exchange& exchange);

    std::size_t subscribers() const;

private:
    struct Subscriber;
    /// What is wrong with what the caller asked for.
    std::optional<HttpError> read_filter(const RequestHead& head, Subscriber& subscriber) const;

    std::vector<std::string> topics_;
    EventLimits limits_;
    mutable std::mutex mutex_;
    std::unordered_set<std::shared_ptr<Subscriber>> subscribers_;
};

}  // namespace node
