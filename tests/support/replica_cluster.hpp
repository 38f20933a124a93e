#pragma once

#include "node/core/replica.hpp"
#include "tests/support/sim_application.hpp"
#include "tests/support/sim_disk.hpp"
#include "tests/support/sim_store.hpp"
#include "tests/support/test_network.hpp"

#include <queue>
#include <random>

namespace sim {

struct ReplicaClusterOptions {
    std::vector<std::uint64_t> powers{1'000, 1'000, 1'000, 1'000};  ///< of the validators
    std::size_t followers = 0;  ///< numbered behind the validators; may join later
    std::uint64_t seed = 1;
    CoreTimes times;
    node::ReplicaLimits limits;
    LogLimits log{std::size_t{32} << 10, std::size_t{1} << 20, std::size_t{1} << 20};
    std::uint64_t least_delay_ms = 1;
    std::uint64_t most_delay_ms = 10;
    std::uint32_t loss_percent = 0;
    std::uint32_t duplicate_percent = 0;
    std::uint64_t most_sync_ms = 4;    ///< what leaves in a step waits for its sync
    bool has_real_signatures = false;  ///< of consensus; transactions always have
};

/// Who people are: validators and followers are 1...64, whoever only pays is above.
std::uint8_t person_of(std::size_t node);
SecretKey peer_key_of(std::uint8_t person);
SecretKey consensus_key_of(std::uint8_t person);
constexpr std::uint8_t first_client = 65;
constexpr std::uint8_t clients = 8;

/// Whole nodes on one thread: replicas over disks that forget and stores that lose what came after
/// their last checkpoint, joined by links that delay, lose, repeat, reorder and break. Every frame
/// is bytes. Time is virtual, and all follows from the seed.
class ReplicaCluster {
public:
    explicit ReplicaCluster(const ReplicaClusterOptions&);
    ~ReplicaCluster();

    struct Frame {
        std::size_t to{};
        node::MessageKind kind;
        std::shared_ptr<const Bytes> payload;
    };
    enum class End {
        kill,   ///< of the process: what was written is there
        power,  ///< what was not synced is gone, or half of it
    };
    class Live;
    struct Node {
        std::uint8_t person{};
        PublicKey key;  ///< peer key
        std::unique_ptr<Signer> signer;
        SimDisk disk;
        SimStore store;
        std::unique_ptr<Live> live;  ///< null while down
        std::string stopped;         ///< why it stopped by itself the last time
        std::string trouble;         ///< what the last start had to say
        std::vector<std::pair<std::size_t, Frame>> inbox;
        std::int64_t clock_offset_ms = 0;
        std::int64_t drift_permille = 0;
        std::uint64_t slow_sync_ms = 0;  ///< added to each sync
        std::uint64_t paused_until = 0;
        std::uint64_t busy_until = 0;  ///< syncing
        std::uint64_t incarnation = 0;
        std::uint64_t wake_token = 0;
        std::uint64_t starts = 0;
        std::uint64_t sent_bytes = 0;
        bool is_scheduled = false;
    };

    std::size_t size() const { return nodes_.size(); }
    Node& node(std::size_t i) { return *nodes_[i]; }
    bool is_up(std::size_t i) const { return nodes_[i]->live != nullptr; }
    node::Replica& replica(std::size_t i);
    node::Chain& chain(std::size_t i);
    Log& log(std::size_t i);
    const market::Network& network() const { return *network_; }
    const Verifier& verifier() const { return *verifier_; }
    std::uint64_t now_ms() const { return now_; }
    std::uint64_t random(std::uint64_t below) { return below == 0 ? 0 : random_() % below; }
    /// Which of the nodes with a peer key a node is connected to.
    std::optional<std::size_t> peer_of(std::size_t node, const PublicKey& peer_key);

    /// Another node with all keys of a validator. Everybody is connected to one of the two at most,
    /// until `meet` says otherwise to the first.
    std::size_t add_twin(std::size_t of);
    /// `node` drops its connection to the one twin for one to the other.
    void meet(std::size_t node, std::size_t twin);
    /// As over HTTP, at once.
    Result<void, node::MempoolFault> submit(std::size_t node, const Bytes& transaction);
    /// A transaction as whoever asks for its signature gets it; checked once for all nodes.
    const Result<market::CheckedTransaction>& checked(const Bytes& transaction);

    void crash(std::size_t node, End);
    /// False where the disk failed again or the log could not be read.
    bool restart(std::size_t node);
    /// Ends the process in good order; false where the disk did not let it mark the log's end.
    bool stop(std::size_t node);
    void connect(std::size_t a, std::size_t b);
    void disconnect(std::size_t a, std::size_t b);
    void connect_all();
    /// As if it had just come over the network.
    void inject(std::size_t from, const Frame&);

    void at(std::uint64_t in_ms, std::function<void()> action);
    /// False when `done` does not hold within the time.
    bool run_until(const std::function<bool()>& done, std::uint64_t within_ms);
    void run_for(std::uint64_t ms);

    /// May a frame travel? Judged when it is sent.
    std::function<bool(std::size_t from, std::size_t to)> filter;
    /// What a node sends; may be changed.
    std::function<void(std::size_t node, std::vector<Frame>&)> on_publish;
    std::function<void(std::size_t node, node::StepResult&)> on_step;
    std::function<void(std::size_t node, std::size_t peer, const std::string&)> on_misbehaved;
    /// It came back, and stands where its log leads.
    std::function<void(std::size_t node)> on_restart;
    /// It stopped by itself: nothing was injected that explains it where `is_injected` is false.
    std::function<void(std::size_t node, const Error&, bool is_injected)> on_stop;

    EventCounts events() const;
    ReplicaClusterOptions options;

private:
    class Port;
    struct Event {
        std::uint64_t at{};
        std::uint64_t order{};
        std::function<void()> run;
        bool operator>(const Event& other) const
        {
            return std::pair{at, order} > std::pair{other.at, other.order};
        }
    };

    std::unique_ptr<Node> make_node(std::uint8_t person, const PublicKey& key);
    Result<void> open(std::size_t i);
    void end(std::size_t i);
    void fell(std::size_t i, const Error&);
    void schedule(std::size_t i);
    void run_node(std::size_t i);
    void take(std::size_t i, std::size_t from, const Frame&);
    void flush(std::size_t i, std::uint64_t in_ms);
    void send(std::size_t from, const Frame&);
    Now clock(std::size_t i) const;
    std::uint64_t& link(std::size_t a, std::size_t b);

    std::uint64_t now_ = 0;
    std::uint64_t order_ = 0;
    std::uint64_t sessions_ = 0;
    EventCounts past_events_{};
    std::mt19937_64 random_;
    std::shared_ptr<const market::Network> network_;
    std::unique_ptr<Verifier> verifier_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::map<std::pair<std::size_t, std::size_t>, std::uint64_t> links_;  ///< 0: not connected
    std::map<WireId, Result<market::CheckedTransaction>> checked_;
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
};

}  // namespace sim
