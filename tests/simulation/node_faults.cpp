#include "tests/simulation/node_run.hpp"

namespace sim {

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
    if (!cluster_.stop(node)) {
        // Nothing says that the newest records were synced: damage there looks like a torn end.
        cluster_.restart(node);
        return;
    }
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

}  // namespace sim
