#pragma once

#include "training/workers/hub.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace training {

inline constexpr Patience short_patience{std::chrono::seconds{1}, std::chrono::seconds{3},
                                         std::chrono::seconds{1}};

/// Two ends of one connection.
inline std::pair<Channel, Channel> connected()
{
    const auto ends = make_channel_ends();
    EXPECT_TRUE(ends);
    return {Channel{ends->first}, Channel{ends->second}};
}

/// A hub and its workers, each on a thread of its own.
class Team {
public:
    Team(std::uint32_t workers, Hub::Options options)
    {
        std::vector<Channel> at_hub;
        for (std::uint32_t i = 0; i < workers; ++i) {
            auto [here, there] = connected();
            at_hub.push_back(std::move(here));
            ends_.push_back(std::move(there));
        }
        hub_ = std::make_unique<Hub>(std::move(at_hub), std::move(options));
    }
    ~Team()
    {
        for (auto& each : threads_)
            if (each.joinable()) each.join();
    }
    Team(const Team&) = delete;
    Team& operator=(const Team&) = delete;

    /// Its end, once.
    std::unique_ptr<Link> link(std::uint32_t number, Patience patience)
    {
        return std::make_unique<Link>(std::move(ends_[number]), number,
                                      static_cast<std::uint32_t>(ends_.size()), patience);
    }
    void run(std::uint32_t, std::function<void()> work) { threads_.emplace_back(std::move(work)); }
    /// Runs the hub here, until it ends, and waits for all.
    Hub::End end()
    {
        auto end = hub_->run();
        for (auto& each : threads_) each.join();
        return end;
    }

private:
    std::vector<Channel> ends_;
    std::unique_ptr<Hub> hub_;
    std::vector<std::thread> threads_;
};

}  // namespace training
