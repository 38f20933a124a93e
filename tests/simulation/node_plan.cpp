#include "tests/simulation/node_plan.hpp"

#include <sstream>

namespace sim {

std::string NodePlan::text() const
{
    std::ostringstream out;
    out << "nodes n=" << n << " followers=" << followers << " faulty=" << faulty;
    const auto say = [&](bool on, const char* what) {
        if (on) out << ' ' << what;
    };
    say(has_twin, "twin");
    say(is_too_many, "too-many-faulty");
    say(has_real_signatures, "real-signatures");
    say(loses, "loss");
    say(duplicates, "duplicates");
    say(is_slow, "slow");
    say(partitions, "partitions");
    say(is_one_way, "one-way");
    say(breaks_links, "broken-links");
    say(kills, "kills");
    say(cuts_power, "power-cuts");
    say(cuts_at_steps, "cuts-at-disk-steps");
    say(kills_all, "kill-all");
    say(has_disk_errors, "disk-errors");
    say(has_store_errors, "store-errors");
    say(damages_log, "damaged-log");
    say(pauses, "pauses");
    say(syncs_slowly, "slow-syncs");
    say(skews, "clocks");
    say(jumps, "clock-jumps");
    say(drifts, "drift");
    say(changes_sets, "epochs");
    say(floods, "floods");
    return out.str();
}

NodePlan draw_node_plan(std::mt19937_64& random, std::size_t validators)
{
    const auto chance = [&](unsigned percent) { return random() % 100 < percent; };
    constexpr std::size_t sizes[] = {1, 2, 3, 4, 4, 4, 5, 7};
    NodePlan plan;
    plan.n = validators != 0 ? validators : sizes[random() % 8];
    plan.followers = random() % 3;
    const auto most = (plan.n - 1) / 3;
    plan.faulty = most != 0 && chance(60) ? 1 + random() % most : 0;
    plan.has_twin = plan.faulty != 0 && chance(25);
    plan.has_real_signatures = chance(5);
    for (auto* fault :
         {&plan.loses,         &plan.duplicates,   &plan.is_slow,         &plan.partitions,
          &plan.is_one_way,    &plan.breaks_links, &plan.kills,           &plan.cuts_power,
          &plan.cuts_at_steps, &plan.kills_all,    &plan.has_disk_errors, &plan.has_store_errors,
          &plan.damages_log,   &plan.pauses,       &plan.syncs_slowly,    &plan.skews,
          &plan.jumps,         &plan.drifts,       &plan.changes_sets,    &plan.floods})
        *fault = chance(50);
    plan.chaos_ms = 4'000 + random() % 8'000;
    plan.acts = static_cast<std::uint32_t>(5 + random() % 30);
    plan.is_too_many = plan.n == 4 && chance(8);
    if (plan.is_too_many) {
        plan.faulty = 2;
        plan.followers = 0;
        plan.has_twin = plan.partitions = true;
        plan.is_one_way = plan.kills = plan.cuts_power = plan.cuts_at_steps = plan.kills_all =
            plan.has_disk_errors = plan.has_store_errors = plan.changes_sets = plan.breaks_links =
                plan.jumps = false;
    }
    // A key that is silenced for ever counts as a faulty one.
    plan.damages_log = plan.damages_log && !plan.is_too_many &&
                       (plan.followers != 0 || 3 * (plan.faulty + 1) < plan.n);
    return plan;
}

}  // namespace sim
