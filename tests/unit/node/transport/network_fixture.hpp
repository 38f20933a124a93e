#pragma once

#include "node/env/clock.hpp"
#include "node/transport/peer_network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace node {

/// Remembers what a network told it. Any thread may ask.
class Listener : public PeerHandler {
public:
    void connected(const PeerInfo& peer) override
    {
        const std::lock_guard lock{mutex_};
        ++connected_[peer.key];
        changed_.notify_all();
    }
    void received(const ledger::PublicKey& from, InboundFrame frame) override
    {
        const std::lock_guard lock{mutex_};
        texts_.push_back(std::string{ledger::as_text(frame.frame.payload)});
        bytes_ += frame.frame.payload.size();
        if (keep) frames_.push_back(std::move(frame));
        last_ = from;
        changed_.notify_all();
    }
    void ended(const ConnectionEnd& end) override
    {
        const std::lock_guard lock{mutex_};
        ends_.push_back(end);
        changed_.notify_all();
    }

    template <class Claim>
    bool wait(Claim claim, std::chrono::milliseconds patience = std::chrono::seconds{20})
    {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, patience, [&] { return claim(*this); });
    }
    bool wait_for_text(const std::string& text)
    {
        return wait([&](const Listener& l) {
            return std::find(l.texts_.begin(), l.texts_.end(), text) != l.texts_.end();
        });
    }
    bool wait_for_frames(std::size_t count)
    {
        return wait([&](const Listener& l) { return l.texts_.size() >= count; });
    }
    std::vector<ConnectionEnd> ends() const
    {
        const std::lock_guard lock{mutex_};
        return ends_;
    }
    std::size_t frames() const
    {
        const std::lock_guard lock{mutex_};
        return texts_.size();
    }
    ledger::PublicKey last() const
    {
        const std::lock_guard lock{mutex_};
        return last_;
    }
    void let_go()
    {
        const std::lock_guard lock{mutex_};
        frames_.clear();
    }

    bool keep = false;  ///< set before the network starts

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<ledger::PublicKey, int> connected_;
    std::vector<std::string> texts_;
    std::vector<ConnectionEnd> ends_;
    std::deque<InboundFrame> frames_;
    ledger::PublicKey last_;
    std::size_t bytes_ = 0;
};

/// One node's network in this process.
struct TestNode {
    TestNode(std::uint64_t seed, PeerNetworkConfig config, const Clock& clock)
        : random{seed}, key{ledger::SecretKey::generate(random)}
    {
        network =
            std::make_unique<PeerNetwork>(std::move(config), key.clone(), clock, random, listener);
    }
    ledger::PublicKey id() const { return ledger::public_key(key); }

    ledger::SeededRandom random;
    ledger::SecretKey key;
    Listener listener;
    std::unique_ptr<PeerNetwork> network;
};

/// Asks until it holds or a bound is reached.
template <class Claim>
bool eventually(Claim claim, std::chrono::milliseconds patience = std::chrono::seconds{20})
{
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!claim()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return true;
}

class NetworkTest : public testing::Test {
protected:
    PeerNetworkConfig config() const
    {
        PeerNetworkConfig made;
        made.chain_id = {77};
        made.genesis.bytes.fill(7);
        made.listen = *address_from_text("127.0.0.1:1");
        made.listen.port = 0;
        made.limits.dial_period = std::chrono::milliseconds{20};
        made.limits.handshakes.per_group = {100'000, 100'000};
        made.limits.handshakes.pending_of_group = 100;
        made.limits.goodbye_time = std::chrono::milliseconds{100};
        made.peer_limits.retry_ms = 20;
        made.peer_limits.private_addresses = true;
        return made;
    }
    TestNode& start(PeerNetworkConfig made)
    {
        nodes.push_back(std::make_unique<TestNode>(++seed, std::move(made), clock));
        const auto started = nodes.back()->network->start();
        EXPECT_TRUE(started) << (started ? "" : started.error().detail);
        return *nodes.back();
    }
    TestNode& start() { return start(config()); }
    /// A node that dials `to`.
    TestNode& start_dialling(const TestNode& to, PeerNetworkConfig made)
    {
        made.peers.push_back({to.id(), to.network->local()});
        return start(std::move(made));
    }
    TestNode& start_dialling(const TestNode& to) { return start_dialling(to, config()); }

    static bool are_connected(const TestNode& a, const TestNode& b)
    {
        const auto sees = [](const TestNode& one, const TestNode& other) {
            for (const auto& peer : one.network->peers())
                if (peer.key == other.id()) return true;
            return false;
        };
        return sees(a, b) && sees(b, a);
    }
    static bool counted(const TestNode& node, DropReason reason, std::uint64_t at_least = 1)
    {
        return eventually([&] { return node.network->counters().of(reason) >= at_least; });
    }

    SystemClock clock;
    std::uint64_t seed = 100;
    std::vector<std::unique_ptr<TestNode>> nodes;
};

}  // namespace node
