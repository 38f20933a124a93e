#include "tests/simulation/node_scenario.hpp"

#include "tests/simulation/node_clients.hpp"
#include "tests/simulation/node_oracle.hpp"
#include "tests/simulation/node_plan.hpp"

namespace sim {
namespace {

constexpr std::uint64_t final_within_ms = 180'000;

/// FNV-1a over what is sent: cheap enough for every byte of every frame.
class Trace {
public:
    void add(std::uint64_t value)
    {
        for (int i = 0; i < 8; ++i) add_byte(static_cast<std::uint8_t>(value >> (8 * i)));
    }
    void add(ByteView bytes)
    {
        for (const auto byte : bytes) add_byte(byte);
    }
    Hash finish() const
    {
        Hash made;
        for (std::size_t i = 0; i < 8; ++i)
            made.bytes[i] = static_cast<std::uint8_t>(state_ >> (8 * i));
        return made;
    }

private:
    void add_byte(std::uint8_t byte) { state_ = (state_ ^ byte) * 0x100000001b3ull; }
    std::uint64_t state_ = 0xcbf29ce484222325ull;
};

class NodeScenario {
public:
    NodeScenario(std::uint64_t seed, std::size_t validators)
        : random_{seed * 0x9e3779b97f4a7c15ull + 7},
          plan_{draw_node_plan(random_, validators)},
          cluster_{options(seed)},
          oracle_{cluster_, faulty_nodes()},
          adversary_{cluster_, liars(), seed, faults_},
          clients_{cluster_, seed, faults_}
    {
    }

    NodeResult run();

private:
    using End = ReplicaCluster::End;
    bool chance(unsigned percent) { return random_() % 100 < percent; }
    std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : random_() % n; }
    std::uint64_t during() { return below(plan_.chaos_ms); }
    std::size_t some_node() { return below(cluster_.size()); }
    void count(NodeFault fault) { ++faults_[static_cast<std::size_t>(fault)]; }
    void several(bool on, std::uint64_t most, const std::function<void()>& action);
    ReplicaClusterOptions options(std::uint64_t seed);
    std::set<std::size_t> faulty_nodes() const;
    std::set<std::size_t> liars() const;

    void watch();
    void plan_faults();
    void plan_crashes();
    void plan_disks();
    void plan_clocks();
    void plan_links();
    void plan_clients();
    void split();
    void come_back(std::size_t node, End how, std::uint64_t in_ms);
    void damage_log();
    void heal();
    void become_final();
    void stay_silent();
    void check_ends();
    void check_restarts();

    std::mt19937_64 random_;
    NodePlan plan_;
    NodeFaultCounts faults_{};
    ReplicaCluster cluster_;
    NodeOracle oracle_;
    NodeAdversary adversary_;
    NodeClients clients_;
    std::vector<std::size_t> side_;
    bool is_split_ = false;
    bool is_one_way_now_ = false;
    std::optional<std::size_t> damaged_;  ///< whose log will be, and whose key then is silent
    Trace trace_;
};

ReplicaClusterOptions NodeScenario::options(std::uint64_t seed)
{
    ReplicaClusterOptions made;
    made.seed = seed;
    // So that a newcomer's least power fits into what one seal may change.
    made.powers.assign(plan_.n, plan_.n < 3 ? 4'000 : 1'000);
    made.followers = plan_.followers;
    made.has_real_signatures = plan_.has_real_signatures;
    made.times.t_max = 8'000;
    made.times.status = 2'000;
    made.times.settle = 1'000;
    made.times.skip = 5'000;
    made.most_delay_ms = plan_.is_slow ? 20 + below(300) : 2 + below(20);
    made.loss_percent = plan_.loses ? static_cast<std::uint32_t>(1 + below(20)) : 0;
    made.duplicate_percent = plan_.duplicates ? static_cast<std::uint32_t>(1 + below(40)) : 0;
    made.most_sync_ms = below(10);
    made.limits.mempool.bytes = std::size_t{256} << 10;
    made.limits.mempool.transactions = 500;
    if (plan_.loses) count(NodeFault::loss);
    if (plan_.duplicates) count(NodeFault::duplicates);
    if (plan_.is_slow) count(NodeFault::slow_links);
    if (plan_.has_real_signatures) count(NodeFault::real_signatures);
    return made;
}

std::set<std::size_t> NodeScenario::faulty_nodes() const
{
    std::set<std::size_t> nodes;
    for (std::size_t i = 0; i < plan_.faulty; ++i) nodes.insert(i);
    return nodes;
}

std::set<std::size_t> NodeScenario::liars() const
{
    return plan_.has_twin ? std::set<std::size_t>{} : faulty_nodes();
}

void NodeScenario::watch()
{
    cluster_.on_publish = [this](std::size_t node, std::vector<ReplicaCluster::Frame>& frames) {
        oracle_.published(node, frames);
        if (oracle_.is_honest(node))
            adversary_.overhear(frames);
        else
            adversary_.change(node, frames);
        const Bytes* seen = nullptr;
        trace_.add(cluster_.now_ms());
        trace_.add(node);
        for (const auto& frame : frames) {
            trace_.add(frame.to);
            if (frame.payload.get() != seen) trace_.add(*frame.payload);
            seen = frame.payload.get();
        }
    };
    cluster_.on_step = [this](std::size_t node, node::StepResult& result) {
        oracle_.stepped(node, result);
        if (result.has_new_epoch) count(NodeFault::epoch_ended);
        if (!oracle_.is_honest(node)) return;
        for (const auto& evidence : result.evidence)
            cluster_.at(1, [this, evidence] { clients_.report(evidence); });
    };
    cluster_.on_misbehaved = [this](std::size_t by, std::size_t peer, const std::string& what) {
        oracle_.blamed(by, peer, what);
        // Whoever is caught is cut off; a ban ends, and here it is short.
        cluster_.at(0, [this, by, peer] { cluster_.disconnect(by, peer); });
        cluster_.at(3'000, [this, by, peer] { cluster_.connect(by, peer); });
    };
    cluster_.on_restart = [this](std::size_t node) { oracle_.restarted(node); };
    cluster_.on_stop = [this](std::size_t node, const Error& error, bool is_injected) {
        if (!is_injected && !oracle_.expects_forks && oracle_.is_honest(node))
            oracle_.fail("an honest node stopped: " + error.detail);
        if (is_injected) come_back(node, chance(50) ? End::kill : End::power, 1 + below(4'000));
    };
    cluster_.filter = [this](std::size_t from, std::size_t to) {
        if (!is_split_ || side_[from] == side_[to]) return true;
        return is_one_way_now_ && side_[from] < side_[to];
    };
}

void NodeScenario::several(bool on, std::uint64_t most, const std::function<void()>& action)
{
    if (!on) return;
    for (auto left = 1 + below(most); left > 0; --left) cluster_.at(during(), action);
}

void NodeScenario::come_back(std::size_t node, End how, std::uint64_t in_ms)
{
    cluster_.at(in_ms, [this, node, how] {
        if (cluster_.is_up(node)) return;
        cluster_.crash(node, how);
        cluster_.restart(node);
    });
}

void NodeScenario::plan_crashes()
{
    const auto fall = [this](End how, NodeFault fault) {
        const auto node = some_node();
        if (!cluster_.is_up(node)) return;
        count(fault);
        cluster_.crash(node, how);
        come_back(node, how, 1 + below(5'000));
    };
    several(plan_.kills, 4, [fall] { fall(End::kill, NodeFault::kill); });
    several(plan_.cuts_power, 4, [fall] { fall(End::power, NodeFault::power_cut); });
    several(plan_.kills_all, 1, [this] {
        count(NodeFault::kill_all);
        const auto how = chance(50) ? End::kill : End::power;
        for (std::size_t i = 0; i < cluster_.size(); ++i) {
            cluster_.crash(i, how);
            come_back(i, how, below(2'000));
        }
    });
}

void NodeScenario::plan_disks()
{
    several(plan_.cuts_at_steps, 4, [this] {
        count(NodeFault::cut_at_disk_step);
        cluster_.node(some_node())
            .disk.fail({.after = below(12), .partial_bytes = below(700), .fatal = true});
    });
    several(plan_.has_disk_errors, 3, [this] {
        const bool is_full = chance(50);
        count(is_full ? NodeFault::disk_full : NodeFault::disk_error);
        cluster_.node(some_node())
            .disk.fail({.after = below(8),
                        .kind = is_full ? ErrorKind::full : ErrorKind::io,
                        .partial_bytes = below(700)});
    });
    several(plan_.has_store_errors, 2, [this] {
        count(NodeFault::store_error);
        cluster_.node(some_node())
            .store.fail(below(4), chance(50) ? ErrorKind::full : ErrorKind::io);
    });
    if (!plan_.damages_log) return;
    // A follower's, or a validator's that the others can do without.
    const bool has_spare = 3 * (plan_.faulty + 1) < plan_.n;
    damaged_ = plan_.followers != 0 && (!has_spare || chance(50)) ? plan_.n : plan_.n - 1;
    cluster_.at(during(), [this] { damage_log(); });
}

/// I12: a bit of what was synced is another one; whoever reads it must notice.
void NodeScenario::damage_log()
{
    const auto node = *damaged_;
    if (!cluster_.is_up(node)) return;
    const auto before = cluster_.replica(node).core().durable();
    cluster_.stop(node);
    auto& disk = cluster_.node(node).disk;
    const auto names = disk.list("log");
    if (!names || names->empty()) return oracle_.fail("a stopped node has no log");
    const auto path = "log/" + (*names)[below(names->size())];
    const auto contents = disk.contents(path);
    auto used = contents.size();
    while (used > 0 && contents[used - 1] == 0) --used;
    if (used == 0) return;
    disk.flip(path, below(used), static_cast<std::uint8_t>(1u << below(8)));
    if (!cluster_.restart(node)) return oracle_.fail("I12: a node with a damaged log must start");
    const auto& core = cluster_.replica(node).core();
    if (cluster_.node(node).trouble.empty()) {
        // What marks the end of the log may be gone; nothing else.
        const auto after = core.durable();
        if (after.votes != before.votes || after.proposals != before.proposals ||
            after.certificates != before.certificates || after.base.tip != before.base.tip)
            oracle_.fail("I12: a flipped bit in " + path + " was not noticed");
        return;
    }
    count(NodeFault::damaged_log);
    if (core.guard().silenced().empty())
        oracle_.fail("I12: a key votes on after its log was damaged");
}

void NodeScenario::plan_clocks()
{
    several(plan_.pauses, 3, [this] {
        count(NodeFault::pause);
        cluster_.node(some_node()).paused_until = cluster_.now_ms() + below(6'000);
    });
    several(plan_.syncs_slowly, 2, [this] {
        count(NodeFault::slow_sync);
        cluster_.node(some_node()).slow_sync_ms = below(300);
    });
    several(plan_.jumps, 3, [this] {
        count(NodeFault::clock_jump);
        cluster_.node(some_node()).clock_offset_ms =
            static_cast<std::int64_t>(below(6'000)) - 3'000;
    });
    for (std::size_t i = 0; i < cluster_.size(); ++i) {
        auto& node = cluster_.node(i);
        if (plan_.skews) node.clock_offset_ms = static_cast<std::int64_t>(below(8'000)) - 4'000;
        if (plan_.drifts) node.drift_permille = static_cast<std::int64_t>(below(21)) - 10;
    }
    if (plan_.skews) count(NodeFault::clock_offset);
    if (plan_.drifts) count(NodeFault::drift);
}

void NodeScenario::split()
{
    side_.assign(cluster_.size(), 0);
    const auto kind = below(3);
    const auto lonely = some_node();
    for (std::size_t i = 0; i < side_.size(); ++i)
        side_[i] = kind == 0 ? below(2) : kind == 1 ? (i == lonely ? 1 : 0) : i % 2;
    is_one_way_now_ = plan_.is_one_way && chance(50);
    count(is_one_way_now_ ? NodeFault::one_way : NodeFault::partition);
    is_split_ = true;
}

void NodeScenario::plan_links()
{
    several(plan_.breaks_links, 8, [this] {
        const auto a = some_node();
        const auto b = some_node();
        count(NodeFault::broken_link);
        cluster_.disconnect(a, b);
        cluster_.at(below(3'000), [this, a, b] { cluster_.connect(a, b); });
    });
    if (plan_.is_too_many) {
        // Keys 0 and 1 have a twin on either side; 2 and 3 see one side each.
        for (std::size_t i = 0; i < side_.size(); ++i) side_[i] = i < 3 ? 0 : 1;
        is_split_ = true;
        return;
    }
    several(plan_.partitions || plan_.is_one_way, 3, [this] {
        split();
        cluster_.at(500 + below(5'000), [this] { is_split_ = false; });
    });
}

void NodeScenario::plan_clients()
{
    for (std::uint32_t i = 0; i < plan_.acts; ++i)
        cluster_.at(during(), [this] { clients_.act(); });
    several(plan_.floods, 2, [this] { clients_.flood(); });
    if (!plan_.changes_sets) return;
    for (auto node = plan_.n; node < plan_.n + plan_.followers; ++node)
        if (damaged_ != node && chance(70))
            cluster_.at(during(), [this, node] { clients_.join(node); });
    const auto honest = plan_.faulty + below(plan_.n - plan_.faulty);
    if (damaged_ != honest) {
        const auto quiet = plan_.faulty + (damaged_ ? 1 : 0);
        // Only what leaves the faulty below a third.
        if (plan_.n > 1 && 3 * quiet < plan_.n - 1 && chance(50))
            cluster_.at(during(), [this, honest] { clients_.leave(honest); });
        else
            cluster_.at(during(),
                        [this, honest] { clients_.change_power(honest, true, 1 + below(300)); });
    }
}

void NodeScenario::plan_faults()
{
    plan_disks();
    plan_crashes();
    plan_clocks();
    plan_links();
    plan_clients();
    for (std::uint64_t at = 100; at < plan_.chaos_ms; at += 150 + below(600))
        cluster_.at(at, [this] { adversary_.stir(); });
}

void NodeScenario::heal()
{
    is_split_ = false;
    adversary_.calm();
    cluster_.options.loss_percent = 0;
    cluster_.options.duplicate_percent = 0;
    cluster_.options.most_delay_ms = std::min<std::uint64_t>(cluster_.options.most_delay_ms, 50);
    for (std::size_t i = 0; i < cluster_.size(); ++i) {
        auto& node = cluster_.node(i);
        node.paused_until = 0;
        node.slow_sync_ms = 0;
        node.disk.fail({.after = ~std::uint64_t{0}});
        if (!node.store.has_failed()) node.store.reopen();
        if (cluster_.is_up(i)) continue;
        if (oracle_.expects_forks) continue;
        cluster_.crash(i, End::kill);
        cluster_.restart(i);
    }
    cluster_.connect_all();
}

/// I9: within a bound after the last fault every nonce that anybody has used is used up everywhere.
void NodeScenario::become_final()
{
    const auto final = [this] {
        if (!oracle_.failure().empty()) return true;
        for (std::size_t i = 0; i < cluster_.size(); ++i)
            if (oracle_.is_honest(i) && (!cluster_.is_up(i) || !clients_.is_all_final(i)))
                return false;
        return true;
    };
    for (std::uint64_t waited = 0; waited < final_within_ms; waited += 3'000) {
        // Clients ask again, now here, now there.
        for (std::size_t tries = 0; tries < 4; ++tries)
            if (const auto node = some_node(); cluster_.is_up(node) && oracle_.is_honest(node)) {
                clients_.try_again(node);
                break;
            }
        if (cluster_.run_until(final, 3'000)) return;
    }
    oracle_.fail("I9: not everything became final");
}

/// I10: nothing to do, nothing done.
void NodeScenario::stay_silent()
{
    cluster_.run_for(30'000);
    struct Before {
        View view;
        std::uint64_t seq, bytes;
    };
    std::vector<Before> before;
    for (std::size_t i = 0; i < cluster_.size(); ++i)
        before.push_back({cluster_.replica(i).core().current(), cluster_.log(i).next_seq(),
                          cluster_.node(i).sent_bytes});
    cluster_.run_for(20'000);
    for (std::size_t i = 0; i < cluster_.size(); ++i) {
        if (!oracle_.is_honest(i)) continue;
        const auto name = "node " + std::to_string(i);
        if (cluster_.replica(i).core().current() != before[i].view)
            oracle_.fail("I10: " + name + " changes its view on an idle chain");
        if (cluster_.log(i).next_seq() != before[i].seq)
            oracle_.fail("I10: " + name + " writes on an idle chain");
        // A status each 2 s and peer, and its answer.
        if (cluster_.node(i).sent_bytes - before[i].bytes > 20 * 2'000 * cluster_.size())
            oracle_.fail("I11: " + name + " talks too much on an idle chain");
    }
}

void NodeScenario::check_ends()
{
    std::optional<std::size_t> newest;
    for (std::size_t i = 0; i < cluster_.size(); ++i) {
        if (!oracle_.is_honest(i)) continue;
        oracle_.check_light_client(i);
        if (!newest) newest = i;
        if (cluster_.chain(i).head().id != cluster_.chain(*newest).head().id)
            oracle_.fail("I1: idle nodes stand at different blocks");
        cluster_.replica(i).mempool().check();
    }
    if (newest) oracle_.check_chain(*newest);
}

/// I15: what is read back after a kill or a power cut is what was there.
void NodeScenario::check_restarts()
{
    for (std::size_t i = 0; i < cluster_.size(); ++i) {
        if (!oracle_.is_honest(i)) continue;
        const auto head = cluster_.chain(i).head();
        cluster_.crash(i, chance(50) ? End::kill : End::power);
        if (!cluster_.restart(i)) return oracle_.fail("I15: a node does not come back");
        const auto& again = cluster_.chain(i).head();
        if (again.id != head.id || again.header.state_root != head.header.state_root)
            oracle_.fail("I15: node " + std::to_string(i) + " comes back elsewhere");
    }
}

NodeResult NodeScenario::run()
{
    oracle_.expects_forks = plan_.is_too_many;
    if (plan_.has_twin)
        for (std::size_t i = 0; i < plan_.faulty; ++i) {
            const auto twin = cluster_.add_twin(i);
            oracle_.add_faulty(twin);
            count(NodeFault::twin);
            for (std::size_t other = 0; other < cluster_.size(); ++other)
                if (plan_.is_too_many ? other >= 3 : chance(50)) cluster_.meet(other, twin);
        }
    side_.assign(cluster_.size(), 0);
    watch();
    plan_faults();
    cluster_.run_for(plan_.chaos_ms);
    heal();
    if (plan_.is_too_many) {
        cluster_.run_for(15'000);
        oracle_.check_accountability();
        if (oracle_.has_fork()) count(NodeFault::fork_of_too_many);
    } else {
        become_final();
        if (oracle_.failure().empty()) stay_silent();
        if (oracle_.failure().empty()) check_ends();
        if (oracle_.failure().empty()) check_restarts();
    }
    if (!clients_.failure().empty()) oracle_.fail(clients_.failure());
    NodeResult result;
    result.failure = oracle_.failure();
    result.plan = plan_.text();
    result.events = cluster_.events();
    result.faults = faults_;
    result.trace = trace_.finish();
    result.final_blocks = oracle_.final_height();
    result.transactions = clients_.submitted();
    result.has_fork = oracle_.has_fork();
    return result;
}

}  // namespace

bool is_of_cores_only(Event event)
{
    switch (event) {
        case Event::heartbeat:  // whole nodes are to be quiet
            return true;
        default:
            return false;
    }
}

NodeResult run_node_scenario(std::uint64_t seed, std::size_t validators)
{
    return NodeScenario{seed, validators}.run();
}

}  // namespace sim
