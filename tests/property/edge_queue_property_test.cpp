// Devices that stop anywhere: after every crash each item is in one batch, and none that was
// acknowledged is missing.
#include "tests/support/edge_world.hpp"
#include "tests/support/sim_disk.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

namespace edge {
namespace {

using ledger::Bytes;
using ledger::SimDisk;

/// A source that offers its items again until they are taken, a queue, and a receiver that keeps
/// all it gets.
class Device {
public:
    explicit Device(std::uint64_t seed) : world_{seed}, script_{seed + 1000} {}

    SimDisk& disk() { return disk_; }

    /// False when the disk failed. What was offered in vain is offered again by `finish`.
    bool start()
    {
        auto opened = world_.open(disk_);
        if (!opened) return false;
        queue_ = std::move(*opened);
        waiting_.clear();
        return true;
    }

    bool run(int steps)
    {
        while (steps-- > 0) {
            const auto what = script_.below(20);
            bool done = true;
            if (what < 12) {
                offer(offered_);
                ++offered_;
                done = !failed_;
            } else if (what < 16) {
                done = sync();
            } else if (what < 18) {
                done = cut();
            } else {
                done = send();
            }
            if (!done) return false;
        }
        return true;
    }

    /// The machine is off and on again.
    void crash(bool keep_names)
    {
        queue_.reset();
        disk_.crash([this] { return script_.below(2) == 0; }, keep_names);
        failed_ = false;
    }

    /// Offers everything again, as a source does that does not know what was taken.
    bool finish()
    {
        for (std::uint64_t item = 0; item < offered_; ++item) {
            offer(item);
            if (failed_) return false;
        }
        return sync() && cut() && send();
    }

    void expect_each_item_once() const
    {
        std::map<std::string, int> seen;
        for (const auto& [number, batch] : received_)
            for (const auto& [name, bytes] : batch.items) ++seen[name];
        for (std::uint64_t item = 0; item < offered_; ++item)
            EXPECT_EQ(seen[name_of(item)], 1) << name_of(item);
        EXPECT_EQ(seen.size(), offered_);
    }

private:
    struct Received {
        ledger::Hash root;
        Items items;
    };

    static std::string name_of(std::uint64_t item) { return "item/" + std::to_string(item); }
    static Bytes content_of(std::uint64_t item)
    {
        // Some end at a chunk's end, some fill several.
        const std::size_t sizes[] = {0, 1, 100, 2'000, 32'000, 32'745, 70'000};
        return some_bytes(item, sizes[item % 7]);
    }

    void offer(std::uint64_t item)
    {
        const auto added = queue_->add(name_of(item), content_of(item), id_of(item));
        failed_ = !added;
        if (!added) {
            // Whatever was waiting is not in the queue now.
            waiting_.clear();
            return;
        }
        if (acknowledged_.contains(item)) {
            EXPECT_EQ(*added, Queue::Added::known) << "an acknowledged item is known";
        }
        waiting_.insert(item);
    }

    bool sync()
    {
        const auto done = queue_->sync();
        if (done) acknowledged_.insert(waiting_.begin(), waiting_.end());
        waiting_.clear();
        return done.has_value();
    }

    bool cut()
    {
        const auto done = queue_->cut();
        if (done) acknowledged_.insert(waiting_.begin(), waiting_.end());
        waiting_.clear();
        return done.has_value();
    }

    bool send()
    {
        std::uint64_t number = 0;
        while (const auto next = queue_->next_unsent(number)) {
            number = *next;
            const auto batch = queue_->read(number);
            if (!batch) return false;
            receive(*batch);
            if (!queue_->mark_sent(number)) return false;
        }
        return true;
    }

    void receive(const StoredBatch& batch)
    {
        const auto number = batch.contribution.batch;
        const auto items = open_items(batch, world_);
        ASSERT_TRUE(items) << items.error().detail;
        for (const auto& [name, bytes] : *items) {
            const auto item = static_cast<std::uint64_t>(std::atoll(name.c_str() + 5));
            EXPECT_EQ(bytes, content_of(item)) << name;
        }
        const Received received{batch.contribution.summary.root, *items};
        const auto [at, is_new] = received_.emplace(number, received);
        if (!is_new) {
            EXPECT_EQ(at->second.root, received.root) << "a number stands for one batch";
        }
    }

    EdgeWorld world_;
    ledger::SeededRandom script_;
    SimDisk disk_;
    std::unique_ptr<Queue> queue_;
    std::uint64_t offered_ = 0;
    std::set<std::uint64_t> waiting_;
    std::set<std::uint64_t> acknowledged_;
    std::map<std::uint64_t, Received> received_;
    bool failed_ = false;
};

constexpr int script_steps = 30;

std::uint64_t steps_of(std::uint64_t seed)
{
    Device device{seed};
    EXPECT_TRUE(device.start() && device.run(script_steps));
    return device.disk().steps();
}

void stop_at(std::uint64_t seed, std::uint64_t step, bool keep_names, bool fatal)
{
    SCOPED_TRACE("seed " + std::to_string(seed) + ", step " + std::to_string(step) +
                 (keep_names ? ", names kept" : ", names lost") + (fatal ? "" : ", one error"));
    Device device{seed};
    device.disk().fail({.after = step, .partial_bytes = step * 37 % 3000, .fatal = fatal});
    if (device.start() && !device.run(script_steps) && !fatal) {
        // The machine goes on after one error; what is lost is lost at the crash behind it.
        device.run(script_steps / 2);
    }
    // Once more while it recovers from the first crash.
    device.crash(keep_names);
    device.disk().fail({.after = step % 11, .fatal = true});
    if (device.start() && device.finish()) {
        device.expect_each_item_once();
        return;
    }
    device.crash(!keep_names);
    ASSERT_TRUE(device.start());
    ASSERT_TRUE(device.finish());
    device.expect_each_item_once();
}

TEST(EdgeQueueProperty, EachItemIsInOneBatchWhereverTheMachineStops)
{
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        const auto steps = steps_of(seed);
        for (std::uint64_t step = 0; step < steps; ++step)
            for (const bool keep_names : {false, true}) {
                stop_at(seed, step, keep_names, true);
                if (HasFailure()) return;
            }
    }
}

TEST(EdgeQueueProperty, EachItemIsInOneBatchWhateverFailsBeforeACrash)
{
    for (std::uint64_t seed = 11; seed <= 13; ++seed) {
        const auto steps = steps_of(seed);
        for (std::uint64_t step = 0; step < steps; ++step) {
            stop_at(seed, step, step % 2 == 0, false);
            if (HasFailure()) return;
        }
    }
}

}  // namespace
}  // namespace edge
