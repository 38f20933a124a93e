#include "tests/model/explorer.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>

namespace {

using namespace model;

/// One for each view that the faulty one may lead, and one that leads none.
std::vector<Index> roles(View views)
{
    const World world{{.views = views}};
    std::vector<Index> all;
    for (View view = 1; view <= std::min<View>(views + 1, validators); ++view)
        all.push_back(world.epoch().leader(view));
    return all;
}

}  // namespace

int main(int argc, char** argv)
{
    CLI::App app{"Every state of four validators, one of them faulty, over the real core."};
    Scope scope;
    std::uint64_t most = 0;
    std::uint64_t role = 0;
    app.add_option("--views", scope.views, "how many views are played, 1 to 4")
        ->check(CLI::Range(1, 4));
    app.add_option("--states", most, "stop after so many states for each faulty validator");
    app.add_option("--role", role, "only the faulty validator that leads this view")
        ->check(CLI::Range(1, 4));
    app.add_flag("--restarts", scope.restarts, "the honest may crash and restart at any point");
    app.add_flag("--wide", scope.wide,
                 "two blocks for each parent in every view, not just the first");
    app.add_flag("--votes", scope.votes, "votes arrive too, not only certificates of them");
    CLI11_PARSE(app, argc, argv);

    bool is_complete = true;
    std::uint64_t states = 0;
    const auto faulty = roles(scope.views);
    for (std::size_t i = 0; i < faulty.size(); ++i) {
        if (role != 0 && role != i + 1) continue;
        scope.faulty = faulty[i];
        const auto began = std::chrono::steady_clock::now();
        const auto found = Explorer{scope}.run(most);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        std::printf(
            "faulty %s%s: %llu states, %llu transitions, depth %u, %llu with final blocks; "
            "%llu states of a core, %llu steps of it; complete: %s; %.1f s\n",
            i < scope.views ? "leader of view " : "leader of none",
            i < scope.views ? std::to_string(i + 1).c_str() : "",
            static_cast<unsigned long long>(found.states),
            static_cast<unsigned long long>(found.transitions), found.depth,
            static_cast<unsigned long long>(found.with_final_blocks),
            static_cast<unsigned long long>(found.local_states),
            static_cast<unsigned long long>(found.steps), found.is_complete ? "yes" : "no",
            took.count());
        std::fflush(stdout);
        if (!found.failure.empty()) {
            std::printf("VIOLATION: %s\n", found.failure.c_str());
            for (std::size_t step = 0; step < found.trace.size(); ++step)
                std::printf("%3zu  %s\n", step + 1, found.trace[step].c_str());
            return 1;
        }
        is_complete = is_complete && found.is_complete;
        states += found.states;
    }
    std::printf("no violation in %llu states; complete: %s\n",
                static_cast<unsigned long long>(states), is_complete ? "yes" : "no");
    return 0;
}
