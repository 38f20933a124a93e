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

void ClaimDriver::wake()
{
    {
        const std::lock_guard lock{mutex_};
        woken_ = true;
    }
    changed_.notify_one();
}

void ClaimDriver::run()
{
    std::unique_lock lock{mutex_};
    while (!stopping_) {
        changed_.wait_for(lock, std::chrono::seconds{1}, [this] { return stopping_ || woken_; });
        woken_ = false;
        auto finished = std::move(finished_);
        finished_.clear();
        lock.unlock();

        for (const auto& done : finished) {
            if (done.settled.what == Settled::What::refused)
                spdlog::warn("the ledger refused {}: {}", market::name_of(done.order.message),
                             ledger::codec::enum_name(done.settled.rejection));
            keeper_.finished(done.order, done.settled, clock_.now());
        }
        try {
            ledger_.give_up_late();
            for (auto& order : keeper_.due(clock_.now())) {
                const auto sent = ledger_.submit(order.message, [this, order](Settled settled) {
                    {
                        const std::lock_guard guard{mutex_};
                        finished_.push_back({order, settled});
                        woken_ = true;
                    }
                    changed_.notify_one();
                });
                if (!sent) keeper_.finished(order, {Settled::What::lost, {}}, clock_.now());
            }
        } catch (const ledger::StateFault& fault) {
            spdlog::error("claims wait: {}", fault.what());
        }
        lock.lock();
    }
}

}  // namespace node
