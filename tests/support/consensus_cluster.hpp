#pragma once

#include "ledger/consensus/core.hpp"
#include "tests/support/sim_application.hpp"

#include <functional>
#include <memory>
#include <queue>
#include <random>

namespace sim {

struct ClusterOptions {
    std::vector<std::uint64_t> powers{1'000, 1'000, 1'000, 1'000};
    std::uint32_t followers = 0;  ///< nodes without power, numbered behind the validators
    std::uint64_t seed = 1;
    CoreTimes times;
    std::uint64_t least_delay_ms = 1;
    std::uint64_t most_delay_ms = 10;
    std::uint32_t loss_percent = 0;
    std::uint32_t duplicate_percent = 0;
    std::uint64_t most_sync_ms = 4;
    bool has_real_signatures = false;
};

/// A network of cores on one thread, with virtual time, disks that lose what was not synced, and
/// links that obey a filter. Everything follows from the seed.
class Cluster {
public:
    explicit Cluster(const ClusterOptions&);
    ~Cluster();

    struct Disk {
        Base base;
        std::vector<Commit> finals;
        std::map<std::uint64_t, EpochProof> proofs;
        SignedUpTo signed_up_to;
        std::vector<std::pair<std::uint8_t, Bytes>> log;  ///< synced
    };
    struct Node {
        std::uint32_t who{};  ///< which key
        std::unique_ptr<Signer> signer;
        std::unique_ptr<SimApplication> application;
        std::optional<Core> core;  ///< empty while down
        Disk disk;
        std::optional<Output> unpublished;  ///< being synced
        std::vector<Input> inbox;
        std::uint64_t incarnation = 0;
        std::uint64_t wake_token = 0;
        std::uint64_t records = 0;
        std::int64_t clock_offset_ms = 0;
        std::uint64_t paused_until = 0;
        bool is_scheduled = false;
        bool is_halted = false;
        std::string halt_reason;
    };

    std::size_t size() const { return nodes_.size(); }
    Node& node(std::size_t i) { return *nodes_[i]; }
    Core& core(std::size_t i) { return *nodes_[i]->core; }
    /// Is every node up, with so many final blocks after genesis?
    bool all_have(std::size_t blocks) const;
    std::uint64_t now_ms() const { return now_; }
    std::mt19937_64& random() { return random_; }
    const Verifier& verifier() const { return *verifier_; }

    /// Another node with the key of validator `who`.
    std::size_t add_twin(std::uint32_t who);
    void submit(std::size_t node, const Bytes& transaction);
    void submit_everywhere(const Bytes& transaction);
    void crash(std::size_t node);
    void restart(std::size_t node, LogReport report = {});
    /// Moves what the log holds to the store, and leaves in the log what still matters.
    void checkpoint(std::size_t node);
    /// As if it had come over the network, now.
    void inject(std::size_t from, std::size_t to, const Message&);

    void run_for(std::uint64_t ms);
    /// False when `done` does not hold within the time.
    bool run_until(const std::function<bool()>& done, std::uint64_t within_ms);
    void at(std::uint64_t in_ms, std::function<void()> action);

    /// What the logs of a node lead to, read back from bytes.
    Durable replay(std::size_t node, const LogReport& report = {}) const;

    /// May a message travel? Judged when it is sent.
    std::function<bool(std::size_t from, std::size_t to, const Message&)> filter;
    /// Before the records are synced.
    std::function<void(std::size_t node, const Output&)> on_output;
    /// After it, just before the sends: may change them.
    std::function<void(std::size_t node, Output&)> on_publish;

    /// A node starts from this.
    std::function<void(std::size_t node, const Durable&)> on_restart;
    /// What all cores so far have done.
    EventCounts events() const;

    ClusterOptions options;

private:
    struct Event {
        std::uint64_t at{};
        std::uint64_t order{};
        std::function<void()> run;
        bool operator>(const Event& other) const
        {
            return std::pair{at, order} > std::pair{other.at, other.order};
        }
    };
    void start(std::size_t i, Durable);
    void schedule(std::size_t i);
    void run_node(std::size_t i);
    void publish(std::size_t i);
    std::shared_ptr<const Message> over_the_wire(const Message&) const;
    void deliver(std::size_t from, std::size_t to, const std::shared_ptr<const Message>&);
    Now clock(std::size_t i) const;

    std::uint64_t now_ = 0;
    std::uint64_t order_ = 0;
    EventCounts past_events_{};
    std::mt19937_64 random_;
    std::unique_ptr<Verifier> verifier_;
    Header genesis_;
    ValidatorSet genesis_set_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
};

}  // namespace sim
