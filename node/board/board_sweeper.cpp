#include "node/board/board_sweeper.hpp"

#include "market/lease_queries.hpp"

namespace node {

using namespace ledger;

namespace {

constexpr std::size_t orders_at_once = 1'000;

}  // namespace

BoardSweeper::~BoardSweeper()
{
    stop();
}

void BoardSweeper::start()
{
    thread_ = std::thread{[this] { run(); }};
}

void BoardSweeper::stop()
{
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

Result<void> BoardSweeper::sweep()
{
    const auto snapshot = parts_.store.snapshot();
    if (!snapshot) return snapshot.error();
    const market::View view{**snapshot};
    // What the next block's time will be about.
    const auto now = parts_.clock.wall();
    try {
        std::optional<market::GpuOrderId> after;
        for (;;) {
            const auto orders = parts_.boards.open(after, orders_at_once);
            if (orders.empty()) break;
            after = orders.back();
            for (const auto& order : orders)
                if (market::is_over(view, order, now.value)) parts_.boards.mark_over(order);
        }
        parts_.roots.release(
            [&](const std::string& holder) { return is_holder_over(view, holder, now); });
    } catch (const StateFault& fault) {
        return Error{ErrorKind::corrupt, fault.what()};
    }
    return {};
}

void BoardSweeper::run()
{
    std::unique_lock lock{mutex_};
    while (!stopping_) {
        lock.unlock();
        // What cannot be read now keeps its place until it can.
        static_cast<void>(sweep());
        lock.lock();
        changed_.wait_for(lock, rest_, [this] { return stopping_; });
    }
}

}  // namespace node
