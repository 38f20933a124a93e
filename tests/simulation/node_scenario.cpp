#include "tests/simulation/node_run.hpp"

namespace sim {
namespace {

constexpr std::uint64_t final_within_ms = 180'000;

}  // namespace

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
