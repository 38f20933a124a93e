#include "node/http/shard.hpp"

#include <fmt/chrono.h>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <vector>

namespace node {

using namespace std::chrono_literals;

Shard::Shard(const Clock& clock, const HttpLimits& limits) : clock_{clock}, spared_{limits.spared}
{
    const auto shortest =
        std::min({limits.head_time, limits.idle_time, limits.body_grace, limits.drain_time});
    period_ =
        std::clamp(shortest / 8, std::chrono::milliseconds{5}, std::chrono::milliseconds{250});
}

std::string_view Shard::date()
{
    const auto second = clock_.wall().value / 1000;
    if (second != date_second_ || date_.empty()) {
        date_second_ = second;
        date_ = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT",
                            fmt::gmtime(static_cast<std::time_t>(second)));
    }
    return date_;
}

void Shard::start_ticks()
{
    timer_.expires_after(period_);
    timer_.async_wait([this](const boost::system::error_code& cancelled) {
        if (cancelled) return;
        tick();
        start_ticks();
    });
}

template <class Action>
void Shard::for_all(Action action)
{
    // A copy: an action may end an item, which then removes itself.
    const std::vector<Timed*> all{items_.begin(), items_.end()};
    for (auto* item : all) {
        if (items_.contains(item)) action(*item);
    }
}

void Shard::tick()
{
    const auto time = now();
    for (auto* item : items_) {
        if (item->deadline > time) continue;
        item->deadline = Clock::Steady::max();
        item->expire();
    }
}

void Shard::make_room()
{
    if (making_room_.exchange(true)) return;
    asio::post(io_, [this] {
        making_room_ = false;
        drop_idlest();
    });
}

void Shard::drop_idlest()
{
    Timed* idlest = nullptr;
    auto longest = now() - spared_;
    for (auto* item : items_) {
        const auto since = item->idle_since();
        if (!since || *since > longest) continue;
        idlest = item;
        longest = *since;
    }
    if (idlest) idlest->stop();
}

void Shard::stop_all()
{
    stopping_ = true;
    for_all([](Timed& item) { item.stop(); });
}

void Shard::abort_all()
{
    for_all([](Timed& item) { item.abort(); });
}

}  // namespace node
