// Runs seeds. Every seed is a whole network with faults; a failing one prints how to see it again.
#include "tests/simulation/node_scenario.hpp"
#include "tests/simulation/scenario.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <string_view>

namespace {

using sim::Event;

struct Options {
    std::uint64_t first = 1;
    std::uint64_t core_seeds = 200;
    std::uint64_t node_seeds = 200;
    std::size_t validators = 0;
    bool is_verbose = false;
    bool must_cover = false;
};

bool parse(int argc, char** argv, Options& options)
{
    bool cores = false;
    bool nodes = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        bool* flag = name == "--verbose" ? &options.is_verbose
                     : name == "--cover" ? &options.must_cover
                     : name == "--cores" ? &cores
                     : name == "--nodes" ? &nodes
                                         : nullptr;
        if (flag != nullptr) {
            *flag = true;
            continue;
        }
        if (i + 1 == argc) return false;
        const std::string_view text = argv[++i];
        std::uint64_t value = 0;
        if (std::from_chars(text.begin(), text.end(), value).ptr != text.end()) return false;
        if (name == "--first" || name == "--seed")
            options.first = value;
        else if (name == "--seeds")
            options.core_seeds = options.node_seeds = value;
        else if (name == "--core-seeds")
            options.core_seeds = value;
        else if (name == "--node-seeds")
            options.node_seeds = value;
        else if (name == "--validators" && value <= 100)
            options.validators = value;
        else
            return false;
    }
    if (cores && !nodes) options.node_seeds = 0;
    if (nodes && !cores) options.core_seeds = 0;
    return !(nodes || !cores) || options.validators <= 16 || options.node_seeds == 0;
}

/// What all seeds together have done.
struct Sums {
    sim::EventCounts events{};
    sim::NodeFaultCounts faults{};
    std::uint64_t failed = 0;
    std::uint64_t blocks = 0;
    std::uint64_t forks = 0;
};

template <class Result>
void account(const Options& options, const char* kind, std::uint64_t seed, const Result& result,
             std::string failure, Sums& sums)
{
    for (std::size_t e = 0; e < sim::event_count; ++e) sums.events[e] += result.events[e];
    sums.blocks += result.final_blocks;
    sums.forks += result.has_fork ? 1 : 0;
    if (options.is_verbose)
        std::printf("%s seed %llu: %s; %zu blocks\n", kind, static_cast<unsigned long long>(seed),
                    result.plan.c_str(), result.final_blocks);
    if (!failure.empty()) {
        ++sums.failed;
        const auto size = options.validators == 0
                              ? std::string{}
                              : " --validators " + std::to_string(options.validators);
        std::printf(
            "%s seed %llu FAILED: %s\n  plan: %s\n  again: ./dev sim --%s --seeds 1 "
            "--first %llu%s\n",
            kind, static_cast<unsigned long long>(seed), failure.c_str(), result.plan.c_str(), kind,
            static_cast<unsigned long long>(seed), size.c_str());
    }
    std::fflush(stdout);
}

/// Runs one seed, and on a sample again: the same seed must do the same things (I14).
template <class Run>
void run_seed(const Options& options, const char* kind, std::uint64_t seed, Run run, Sums& sums)
{
    const auto result = run(seed, options.validators);
    auto failure = result.failure;
    if (failure.empty() && seed % 20 == 0 && run(seed, options.validators).trace != result.trace)
        failure = "I14: the same seed took another way";
    if constexpr (requires { result.faults; })
        for (std::size_t f = 0; f < sim::node_fault_count; ++f) sums.faults[f] += result.faults[f];
    account(options, kind, seed, result, std::move(failure), sums);
}

std::size_t tell_never(const Options& options, std::uint64_t times, std::string_view name)
{
    if (options.is_verbose)
        std::printf("%9llu  %.*s\n", static_cast<unsigned long long>(times),
                    static_cast<int>(name.size()), name.data());
    if (times != 0 || !options.must_cover) return 0;
    std::printf("never happened in all seeds: %.*s\n", static_cast<int>(name.size()), name.data());
    return 1;
}

}  // namespace

int main(int argc, char** argv)
{
    Options options;
    if (!parse(argc, argv, options)) {
        std::fprintf(stderr,
                     "usage: simulation [--cores] [--nodes] [--seeds N] [--core-seeds N] "
                     "[--node-seeds N]\n                  [--first SEED] [--validators N] "
                     "[--cover] [--verbose]\n");
        return 2;
    }
    Sums cores;
    Sums nodes;
    for (auto seed = options.first; seed < options.first + options.core_seeds; ++seed)
        run_seed(options, "cores", seed, sim::run_scenario, cores);
    for (auto seed = options.first; seed < options.first + options.node_seeds; ++seed)
        run_seed(options, "nodes", seed, sim::run_node_scenario, nodes);

    std::size_t never = 0;
    if (options.core_seeds != 0)
        for (std::size_t e = 0; e < sim::event_count; ++e)
            never += tell_never(options, cores.events[e], sim::event_name(static_cast<Event>(e)));
    if (options.node_seeds != 0) {
        for (std::size_t e = 0; e < sim::event_count; ++e) {
            const auto event = static_cast<Event>(e);
            if (!sim::is_of_cores_only(event))
                never += tell_never(options, nodes.events[e], sim::event_name(event));
        }
        for (std::size_t f = 0; f < sim::node_fault_count; ++f)
            never += tell_never(options, nodes.faults[f],
                                sim::node_fault_name(static_cast<sim::NodeFault>(f)));
    }
    for (const auto& [kind, seeds, sums] : {std::tuple{"cores", options.core_seeds, &cores},
                                            std::tuple{"nodes", options.node_seeds, &nodes}})
        if (seeds != 0)
            std::printf(
                "%s: %llu seeds, %llu failed, %llu blocks, %llu forks among too many "
                "faulty\n",
                kind, static_cast<unsigned long long>(seeds),
                static_cast<unsigned long long>(sums->failed),
                static_cast<unsigned long long>(sums->blocks),
                static_cast<unsigned long long>(sums->forks));
    return cores.failed != 0 || nodes.failed != 0 || never != 0 ? 1 : 0;
}
