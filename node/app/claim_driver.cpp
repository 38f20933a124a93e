#include "node/app/claim_driver.hpp"

#include "ledger/state/view.hpp"

#include <spdlog/spdlog.h>

namespace node {

void ClaimDriver::start()
{
    thread_ = std::thread{[this] { run(); }};
}

void ClaimDriver::stop()
{
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool ClaimDriver::finish(std::chrono::milliseconds patience)
{
    std::unique_lock lock{mutex_};
    if (!thread_.joinable()) return true;
    finishing_ = woken_ = true;
    changed_.notify_all();
    return changed_.wait_for(lock, patience, [this] { return is_finished_ || stopping_; });
}

void ClaimDriver::wake()
{
    {
        const std::lock_guard lock{mutex_};
        woken_ = true;
    }
    changed_.notify_all();
}

void ClaimDriver::run()
{
    std::unique_lock lock{mutex_};
    while (!stopping_) {
        changed_.wait_for(lock, std::chrono::seconds{1}, [this] { return stopping_ || woken_; });
        woken_ = false;
        auto finished = std::move(finished_);
        finished_.clear();
        under_way_ -= finished.size();
        const bool finishing = finishing_;
        lock.unlock();
        if (finishing) keeper_.claim_all();
        std::size_t ordered = 0;

        for (const auto& done : finished) {
            if (done.settled.what == Settled::What::refused)
                spdlog::warn("the ledger refused {}: {}", market::name_of(done.order.message),
                             ledger::codec::enum_name(done.settled.rejection));
            keeper_.finished(done.order, done.settled, clock_.now());
        }
        try {
            ledger_.give_up_late();
            for (auto& order : keeper_.due(clock_.now())) {
                ++ordered;
                {
                    const std::lock_guard guard{mutex_};
                    ++under_way_;
                }
                const auto sent = ledger_.submit(order.message, [this, order](Settled settled) {
                    {
                        const std::lock_guard guard{mutex_};
                        finished_.push_back({order, settled});
                        woken_ = true;
                    }
                    changed_.notify_all();
                });
                if (sent) continue;
                keeper_.finished(order, {Settled::What::lost, {}}, clock_.now());
                const std::lock_guard guard{mutex_};
                --under_way_;
            }
        } catch (const ledger::StateFault& fault) {
            spdlog::error("claims wait: {}", fault.what());
        }
        lock.lock();
        is_finished_ = finishing && ordered == 0 && under_way_ == 0;
        if (is_finished_) changed_.notify_all();
    }
}

}  // namespace node
