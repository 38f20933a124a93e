#include "tests/simulation/scenario.hpp"

#include "ledger/chain/transaction.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/crypto/hash.hpp"
#include "tests/simulation/adversary.hpp"
#include "tests/simulation/oracle.hpp"

#include <sstream>

namespace sim {
namespace {

/// Which faults a seed turns on, each with probability one half.
struct Plan {
    std::size_t n = 4;
    std::size_t followers = 0;
    std::size_t faulty = 0;
    bool twins = false;
    bool too_many_faulty = false;
    bool loses = false, duplicates = false, is_slow = false, partitions = false, is_one_way = false;
    bool crashes = false, crashes_all = false, pauses = false, skews = false, checkpoints = false;
    bool changes_sets = false, beats = false, withholds = false;
    std::uint64_t chaos_ms = 20'000;
    std::uint32_t transactions = 20;

    std::string text() const
    {
        std::ostringstream out;
        out << "n=" << n << " followers=" << followers << " faulty=" << faulty;
        const auto say = [&](bool on, const char* what) {
            if (on) out << ' ' << what;
        };
        say(twins, "twins");
        say(too_many_faulty, "too-many-faulty");
        say(loses, "loss");
        say(duplicates, "duplicates");
        say(is_slow, "slow");
        say(partitions, "partitions");
        say(is_one_way, "one-way");
        say(crashes, "crashes");
        say(crashes_all, "crash-all");
        say(pauses, "pauses");
        say(skews, "clocks");
        say(checkpoints, "checkpoints");
        say(changes_sets, "epochs");
        say(beats, "heartbeat");
        say(withholds, "withheld-blocks");
        return out.str();
    }
};

Plan draw_plan(std::mt19937_64& random, std::size_t validators)
{
    const auto chance = [&](unsigned percent) { return random() % 100 < percent; };
    constexpr std::size_t sizes[] = {1, 2, 3, 4, 5, 7, 10};
    Plan plan;
    plan.n = sizes[random() % 7];
    if (validators != 0) plan.n = validators;
    plan.followers = random() % 3 == 0 ? 1 : 0;
    const auto most = (plan.n - 1) / 3;
    plan.faulty = most != 0 && chance(70) ? 1 + random() % most : 0;
    plan.twins = plan.faulty != 0 && chance(25);
    plan.too_many_faulty = plan.n == 4 && chance(12);
    plan.loses = chance(50);
    plan.duplicates = chance(50);
    plan.is_slow = chance(30);
    plan.partitions = chance(50);
    plan.is_one_way = chance(30);
    plan.crashes = chance(50);
    plan.crashes_all = chance(30);
    plan.pauses = chance(30);
    plan.skews = chance(50);
    plan.checkpoints = chance(40);
    plan.changes_sets = chance(40);
    plan.beats = chance(15);
    plan.withholds = plan.faulty != 0 && chance(30);
    plan.chaos_ms = 5'000 + random() % 15'000;
    plan.transactions = static_cast<std::uint32_t>(5 + random() % 25);
    if (plan.too_many_faulty) {
        plan.faulty = 2;
        plan.twins = true;
        plan.partitions = true;
        plan.crashes = plan.crashes_all = plan.changes_sets = plan.is_one_way = false;
        plan.followers = 0;
    }
    return plan;
}

class Scenario {
public:
    Scenario(std::uint64_t seed, std::size_t validators)
        : random_{seed * 0x9e3779b97f4a7c15ull + 1},
          plan_{draw_plan(random_, validators)},
          cluster_{options(seed)},
          oracle_{cluster_, faulty_keys()},
          adversary_{cluster_, faulty_nodes(), seed}
    {
    }

    ScenarioResult run();

private:
    bool chance(unsigned percent) { return random_() % 100 < percent; }
    std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : random_() % n; }
    ClusterOptions options(std::uint64_t seed);
    std::set<std::uint32_t> faulty_keys() const;
    std::set<std::size_t> faulty_nodes() const;
    void watch();
    void plan_faults();
    void split();
    void heal();
    void submit_rest();
    bool all_final();
    std::string standing();
    bool is_honest(std::size_t node) const { return oracle_.is_honest(node); }
    void stay_silent();
    void check_restarts();
    void submit_changes();

    std::mt19937_64 random_;
    Plan plan_;
    Cluster cluster_;
    Oracle oracle_;
    Adversary adversary_;
    std::vector<std::size_t> side_;
    bool is_split_ = false;
    bool is_one_way_now_ = false;
    std::vector<Bytes> submitted_;
    Sha256 trace_;
};

ClusterOptions Scenario::options(std::uint64_t seed)
{
    ClusterOptions made;
    made.seed = seed;
    made.powers.assign(plan_.n, 1'000);
    // The honest may weigh more, never the faulty.
    for (std::size_t i = plan_.faulty; i < plan_.n; ++i)
        if (chance(30) && !plan_.too_many_faulty) made.powers[i] += below(1'000);
    made.followers = static_cast<std::uint32_t>(plan_.followers);
    made.times.t_max = 8'000;
    made.times.status = 2'000;
    made.times.settle = 1'000;
    made.times.skip = 5'000;
    made.times.heartbeat = plan_.beats ? 4'000 : 0;
    made.most_delay_ms = plan_.is_slow ? 20 + below(400) : 2 + below(20);
    made.loss_percent = plan_.loses ? static_cast<std::uint32_t>(below(30)) : 0;
    made.duplicate_percent = plan_.duplicates ? static_cast<std::uint32_t>(below(50)) : 0;
    made.most_sync_ms = below(10);
    return made;
}

std::set<std::uint32_t> Scenario::faulty_keys() const
{
    std::set<std::uint32_t> keys;
    for (std::uint32_t i = 0; i < plan_.faulty; ++i) keys.insert(i);
    return keys;
}

std::set<std::size_t> Scenario::faulty_nodes() const
{
    std::set<std::size_t> nodes;
    if (!plan_.twins)
        for (std::size_t i = 0; i < plan_.faulty; ++i) nodes.insert(i);
    return nodes;
}

void Scenario::watch()
{
    cluster_.on_publish = [this](std::size_t node, Output& output) {
        codec::Writer line;
        line.put(cluster_.now_ms());
        line.put(static_cast<std::uint64_t>(node));
        for (const auto& record : output.records) {
            line.put(record_type(record));
            line.raw(sha256(encode_record(record)).view());
        }
        for (const auto& send : output.sends) line.put(type_of(send.message));
        trace_.update(line.take());
        oracle_.published(node, output);
        if (is_honest(node))
            adversary_.overhear(output);
        else if (!plan_.twins)
            adversary_.change(node, output);
    };
    cluster_.filter = [this](std::size_t from, std::size_t to, const Message&) {
        if (!is_split_ || side_[from] == side_[to]) return true;
        return is_one_way_now_ && side_[from] < side_[to];
    };
}

void Scenario::split()
{
    side_.assign(cluster_.size(), 0);
    const auto kind = below(3);
    for (std::size_t i = 0; i < side_.size(); ++i)
        side_[i] = kind == 0 ? below(2) : kind == 1 ? (i == below(side_.size()) ? 1 : 0) : i % 2;
    if (plan_.too_many_faulty)
        // Keys 0 and 1 are faulty and have a twin on either side; 2 and 3 see one side each.
        for (std::size_t i = 0; i < side_.size(); ++i) side_[i] = i < 2 ? 0 : i == 2 ? 0 : 1;
    is_one_way_now_ = plan_.is_one_way && chance(50);
    is_split_ = true;
}

void Scenario::submit_changes()
{
    const auto number = 1'000'000 + submitted_.size();
    if (plan_.followers != 0 && chance(50)) {
        const auto who = static_cast<std::uint32_t>(plan_.n);
        submitted_.push_back(sim_power_change(number, who, chance(60) ? 1'000 : 0));
    } else {
        const auto who = static_cast<std::uint32_t>(plan_.faulty + below(plan_.n - plan_.faulty));
        submitted_.push_back(sim_power_change(number, who, 1'000 + below(1'000)));
    }
    cluster_.submit_everywhere(submitted_.back());
}

void Scenario::plan_faults()
{
    const auto during = [&](std::uint64_t least = 0) {
        return least + below(plan_.chaos_ms - least);
    };
    for (std::uint32_t i = 0; i < plan_.transactions; ++i)
        cluster_.at(during(), [this, i] {
            submitted_.push_back(sim_transaction(i));
            const auto node = below(cluster_.size());
            if (chance(50))
                cluster_.submit_everywhere(submitted_.back());
            else
                cluster_.submit(node, submitted_.back());
        });
    if (plan_.changes_sets)
        for (std::uint64_t i = 1 + below(3); i > 0; --i)
            cluster_.at(during(), [this] { submit_changes(); });
    if (plan_.partitions || plan_.is_one_way)
        for (std::uint64_t i = 1 + below(5); i > 0; --i) {
            const auto begin = during();
            cluster_.at(begin, [this] { split(); });
            cluster_.at(begin + 500 + below(8'000), [this] {
                if (!plan_.too_many_faulty) is_split_ = false;
            });
        }
    if (plan_.crashes)
        for (std::uint64_t i = 1 + below(6); i > 0; --i) {
            const auto node = below(cluster_.size());
            const auto begin = during();
            cluster_.at(begin, [this, node] { cluster_.crash(node); });
            cluster_.at(begin + 1 + below(6'000), [this, node] { cluster_.restart(node); });
        }
    if (plan_.crashes_all)
        cluster_.at(during(), [this] {
            for (std::size_t i = 0; i < cluster_.size(); ++i) cluster_.crash(i);
            for (std::size_t i = 0; i < cluster_.size(); ++i)
                cluster_.at(below(2'000), [this, i] { cluster_.restart(i); });
        });
    if (plan_.pauses)
        for (std::uint64_t i = 1 + below(4); i > 0; --i)
            cluster_.at(during(), [this] {
                cluster_.node(below(cluster_.size())).paused_until =
                    cluster_.now_ms() + below(8'000);
            });
    if (plan_.skews)
        for (std::size_t i = 0; i < cluster_.size(); ++i)
            cluster_.node(i).clock_offset_ms = static_cast<std::int64_t>(below(8'000)) - 4'000;
    if (plan_.checkpoints)
        for (std::uint64_t i = 1 + below(8); i > 0; --i)
            cluster_.at(during(), [this] { cluster_.checkpoint(below(cluster_.size())); });
    if (plan_.withholds)
        for (const auto node : faulty_nodes())
            cluster_.at(during(), [this, node] {
                if (cluster_.node(node).core)
                    cluster_.node(node).application->withholds_bodies = true;
            });
    for (std::uint64_t at = 100; at < plan_.chaos_ms; at += 150 + below(600))
        cluster_.at(at, [this] { adversary_.stir(); });
}

void Scenario::heal()
{
    is_split_ = false;
    cluster_.options.loss_percent = 0;
    cluster_.options.duplicate_percent = 0;
    cluster_.options.most_delay_ms = std::min<std::uint64_t>(cluster_.options.most_delay_ms, 50);
    for (std::size_t i = 0; i < cluster_.size(); ++i) {
        cluster_.node(i).paused_until = 0;
        if (!cluster_.node(i).core) cluster_.restart(i);
    }
}

void Scenario::submit_rest()
{
    for (const auto& transaction : submitted_)
        for (std::size_t i = 0; i < cluster_.size(); ++i) cluster_.submit(i, transaction);
}

bool Scenario::all_final()
{
    for (std::size_t i = 0; i < cluster_.size(); ++i) {
        if (!is_honest(i)) continue;
        for (const auto& transaction : submitted_)
            if (!cluster_.node(i).application->is_final(wire_id(transaction))) return false;
    }
    return true;
}

/// Where everybody is.
std::string Scenario::standing()
{
    std::string text;
    for (std::size_t i = 0; i < cluster_.size(); ++i) {
        text += (i == 0 ? "" : ", ") + std::to_string(i);
        if (!cluster_.node(i).core) {
            text += " down";
            continue;
        }
        const auto& core = cluster_.core(i);
        text += (is_honest(i) ? " epoch " : " (faulty) epoch ") +
                std::to_string(core.epoch().number()) + " view " + std::to_string(core.current()) +
                " floor " + std::to_string(core.floor()) + " height " +
                std::to_string(core.tip().height.value);
    }
    return text;
}

/// I10: nothing to do, nothing done, whatever the faulty say.
void Scenario::stay_silent()
{
    adversary_.calm();
    cluster_.run_for(30'000);
    // With their votes they may complete a nullification that honest ones had begun while there was
    // work: that is one view, once.
    adversary_.stir();
    cluster_.run_for(3'000);
    std::vector<std::pair<View, std::uint64_t>> before;
    for (std::size_t i = 0; i < cluster_.size(); ++i)
        before.emplace_back(cluster_.core(i).current(), cluster_.node(i).records);
    for (int i = 0; i < 10; ++i) {
        adversary_.stir();
        cluster_.run_for(3'000);
    }
    for (std::size_t i = 0; i < cluster_.size(); ++i)
        if (is_honest(i) && (cluster_.core(i).current() != before[i].first ||
                             cluster_.node(i).records != before[i].second))
            oracle_.fail("I10: node " + std::to_string(i) +
                         " is not quiet on an idle chain: from view " +
                         std::to_string(before[i].first) + " to " +
                         std::to_string(cluster_.core(i).current()) + ", records from " +
                         std::to_string(before[i].second) + " to " +
                         std::to_string(cluster_.node(i).records));
}

/// I15: what a log leads to is what its node had reached.
void Scenario::check_restarts()
{
    for (std::size_t i = 0; i < cluster_.size(); ++i) {
        if (!cluster_.node(i).core || cluster_.node(i).unpublished) continue;
        const auto live = cluster_.core(i).durable();
        const auto replayed = cluster_.replay(i);
        if (replayed.votes != live.votes || replayed.certificates != live.certificates ||
            replayed.base.tip != live.base.tip || replayed.base.finalized != live.base.finalized ||
            replayed.base.epoch != live.base.epoch || replayed.blocks.size() < live.blocks.size() ||
            replayed.signed_up_to != live.signed_up_to)
            oracle_.fail("I15: the log of node " + std::to_string(i) + " leads elsewhere");
    }
}

ScenarioResult Scenario::run()
{
    oracle_.expects_forks = plan_.too_many_faulty;
    if (plan_.twins)
        for (std::uint32_t key = 0; key < plan_.faulty; ++key) cluster_.add_twin(key);
    side_.assign(cluster_.size(), 0);
    watch();
    cluster_.on_restart = [this](std::size_t node, const Durable& durable) {
        oracle_.restarted(node, durable);
    };
    plan_faults();
    if (plan_.too_many_faulty) {
        for (std::size_t i = 0; i < side_.size(); ++i) side_[i] = i < 3 ? 0 : 1;
        is_split_ = true;
    }
    cluster_.run_for(plan_.chaos_ms);
    heal();
    if (!plan_.too_many_faulty) {
        submit_rest();
        // Everything is final within a bound after the last fault (I9).
        if (!cluster_.run_until([this] { return !oracle_.failure().empty() || all_final(); },
                                180'000))
            oracle_.fail("I9: not everything became final: " + standing());
        if (oracle_.failure().empty() && !plan_.beats) stay_silent();
        if (oracle_.failure().empty()) check_restarts();
    } else {
        cluster_.run_for(20'000);
        oracle_.check_accountability();
    }
    ScenarioResult result;
    result.failure = oracle_.failure();
    result.plan = plan_.text();
    result.events = cluster_.events();
    result.trace = trace_.finish();
    result.final_blocks = oracle_.final_height();
    result.epochs = cluster_.core(cluster_.size() - 1).epoch().number();
    result.has_fork = oracle_.has_fork();
    return result;
}

}  // namespace

ScenarioResult run_scenario(std::uint64_t seed, std::size_t validators)
{
    return Scenario{seed, validators}.run();
}

}  // namespace sim
