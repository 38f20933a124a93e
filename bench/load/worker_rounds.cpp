#include "bench/load/worker_rounds.hpp"

#include "bench/load/endless_samples.hpp"
#include "ledger/base/hex.hpp"
#include "training/graph/read_plan.hpp"
#include "training/session/session.hpp"
#include "training/workers/hub.hpp"

#include <ATen/Parallel.h>

#include <sys/wait.h>
#include <unistd.h>
#include <chrono>
#include <cstdlib>

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int warm_up = 5;

void take(training::Session& session, int steps)
{
    for (int i = 0; i < steps; ++i)
        if (!session.take_step()) std::abort();
}

/// In a process of its own: writes the seconds that its steps took.
[[noreturn]] void work(const WorkerRound& round, std::uint32_t number, int link_end, int result)
{
    at::set_num_threads(round.threads);
    const EndlessSamples samples{round.shape};
    training::Recipe recipe;
    recipe.batch = round.batch;
    recipe.steps = 1'000'000;
    auto plan = training::read_plan(round.model);
    auto session = training::Session::make(std::move(*plan), recipe, {&samples, nullptr});
    if (!session) std::abort();
    training::Link link{training::Channel{link_end}, number, round.workers};
    if (round.workers > 1 && !session->share(link)) std::abort();
    training::Beginning beginning;
    beginning.add("the state",
                  ledger::to_hex(training::commitment_to(session->checkpoint()).view()));
    if (!link.join(beginning)) std::abort();
    take(*session, warm_up);
    const auto began = Clock::now();
    take(*session, round.steps);
    const auto seconds = std::chrono::duration<double>(Clock::now() - began).count();
    link.wish(training::wish_done);
    training::Sums none;
    if (!link.add_up(session->step(), none)) std::abort();
    if (number == 0 && write(result, &seconds, sizeof seconds) != sizeof seconds) std::abort();
    _exit(0);
}

}  // namespace

double steps_per_second(const WorkerRound& round)
{
    int result[2];
    if (pipe(result) != 0) std::abort();
    std::vector<training::Channel> channels;
    std::vector<pid_t> processes;
    for (std::uint32_t i = 0; i < round.workers; ++i) {
        const auto ends = training::make_channel_ends();
        if (!ends) std::abort();
        const auto child = fork();
        if (child == 0) work(round, i, ends->second, result[1]);
        processes.push_back(child);
        close(ends->second);
        channels.emplace_back(ends->first);
    }
    training::Hub hub{std::move(channels), {}};
    const auto end = hub.run();
    double seconds = 0;
    const bool is_known = end.kind == training::Hub::End::Kind::done &&
                          read(result[0], &seconds, sizeof seconds) == sizeof seconds;
    for (const auto each : processes) waitpid(each, nullptr, 0);
    close(result[0]);
    close(result[1]);
    if (!is_known) std::abort();
    return round.steps / seconds;
}

}  // namespace bench
