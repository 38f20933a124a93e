#pragma once

#include "edge/queue/queue.hpp"
#include "tests/support/edge_world.hpp"
#include "tests/support/sim_disk.hpp"

#include <gtest/gtest.h>

namespace edge {

using ledger::as_bytes;
using ledger::Bytes;
using ledger::ErrorKind;
using ledger::SimDisk;

/// A queue on a disk that can lose power.
class EdgeQueueTest : public testing::Test {
protected:
    void open()
    {
        queue_.reset();
        auto opened = world_.open(disk_);
        ASSERT_TRUE(opened) << opened.error().detail;
        queue_ = std::move(*opened);
    }
    /// The power goes; nothing that was not synced is left.
    void lose_power()
    {
        queue_.reset();
        disk_.crash([] { return false; }, false);
        open();
    }
    void add(const std::string& name, std::string_view text)
    {
        const auto added = queue_->add(name, as_bytes(text), {});
        ASSERT_TRUE(added) << added.error().detail;
    }
    /// Everything closed, opened with the master key.
    std::vector<Items> batches()
    {
        std::vector<Items> all;
        std::uint64_t number = 0;
        while (const auto next = queue_->next_unsent(number)) {
            number = *next;
            const auto batch = queue_->read(number);
            EXPECT_TRUE(batch) << batch.error().detail;
            if (!batch) return all;
            const auto items = open_items(*batch, world_);
            EXPECT_TRUE(items) << items.error().detail;
            if (items) all.push_back(*items);
        }
        return all;
    }
    static Bytes text(std::string_view words) { return {words.begin(), words.end()}; }
    std::string path(std::uint64_t number) const { return "q/" + batch_file_name(number); }

    SimDisk disk_;
    EdgeWorld world_{3};
    std::unique_ptr<Queue> queue_;
};

}  // namespace edge
