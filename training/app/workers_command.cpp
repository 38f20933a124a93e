#include "training/app/workers_command.hpp"

#include "training/app/commands.hpp"
#include "training/app/interruption.hpp"
#include "training/app/prepare.hpp"
#include "training/app/worker_processes.hpp"
#include "training/workers/hub.hpp"
#include "training/workers/rendezvous.hpp"

#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <sstream>
#include <stop_token>
#include <thread>

namespace training {
namespace {

using ledger::Result;
using Clock = std::chrono::steady_clock;

constexpr std::string_view said_by = "millrace-trainer: ";
/// For a worker that has nothing left to do to end; sanitizers look for leaks then.
constexpr std::chrono::seconds to_end{60};
/// A worker that was started here ends with whoever started it. One that stands still, as when its
/// time is not paid for, is waited for.
constexpr std::chrono::hours for_the_one_that_leads{24 * 30};

Patience patience_of(const WorkerOptions& options)
{
    Patience patience;
    patience.silence = std::chrono::seconds{options.silence_seconds};
    patience.joining = std::chrono::seconds{options.join_seconds};
    patience.grace = std::min(patience.grace, patience.silence);
    return patience;
}

/// What the tensors of one worker may hold. Those that are started here share out what was said
/// for this machine: whoever lends it has said how much it is, and a job how many workers.
std::uint64_t share_of_memory(const TrainOptions& options, std::uint32_t workers)
{
    const bool are_here = options.workers.rendezvous.empty();
    return are_here ? std::max<std::uint64_t>(1, options.job.memory_mib / workers)
                    : options.job.memory_mib;
}

MessageLimits limits_of(std::uint64_t memory_mib)
{
    MessageLimits limits;
    limits.number_bytes = memory_mib << 20;
    return limits;
}

static_assert(usage_status == wrong_usage && refused_status == refused &&
                  unreadable_status == unreadable && deserted_status == deserted &&
                  interrupted_status == interrupted,
              "workers tell each other the statuses that the program has");

/// The workers of this machine, those of others, and the hub between them.
class Lead {
public:
    Lead(const TrainOptions& options, std::uint32_t workers, std::ostream& error)
        : options_{options},
          workers_{workers},
          patience_{patience_of(options.workers)},
          error_{error}
    {
    }

    int run(std::optional<Rendezvous> rendezvous)
    {
        const bool is_poured = options_.job.data.path == "-";
        for (std::uint32_t i = 0; i < (rendezvous ? 1 : workers_); ++i) {
            auto started = processes_.start(options_.workers.words, i, workers_, is_poured);
            if (!started) return fail(started.error(), error_);
            channels_.push_back(std::move(*started));
        }
        if (is_poured && !processes_.pour(patience_.silence, interrupted_)) return interrupted;
        const auto until = Clock::now() + patience_.joining;
        if (rendezvous)
            if (const auto refusal = wait_for_others(*rendezvous)) {
                error_ << said_by << refusal->why << std::endl;
                return refusal->status;
            }
        // The time to join is that until all are ready, not until all have come and as much again.
        const auto left = std::chrono::ceil<std::chrono::seconds>(until - Clock::now());
        patience_.joining = std::max(left, patience_.grace);
        std::jthread door;
        if (rendezvous)
            door = std::jthread{[&](const std::stop_token& stop) {
                rendezvous->send_others_away(
                    {refused_status, "the training has begun: nobody can join it any more"},
                    patience_, [&] { return !stop.stop_requested(); });
            }};
        Hub hub{std::move(channels_), hub_options()};
        return status_of(hub.run());
    }

private:
    std::optional<Refusal> wait_for_others(Rendezvous& rendezvous)
    {
        auto others = rendezvous.wait_for(workers_, patience_, [this] { return why_to_end(); });
        if (!others) return others.error();
        std::ranges::move(*others, std::back_inserter(channels_));
        return {};
    }

    /// While others are waited for.
    std::optional<Refusal> why_to_end()
    {
        if (interrupted_()) return Refusal{interrupted, "interrupted, before training began"};
        if (!processes_.has_ended(0)) return {};
        // What it has said is heard as ever.
        const auto end = Hub{std::move(channels_), hub_options()}.run();
        if (end.kind == Hub::End::Kind::failed) return Refusal{end.status, end.why};
        return Refusal{deserted, "worker 0 is gone, before training began"};
    }

    Hub::Options hub_options()
    {
        Hub::Options options;
        options.patience = patience_;
        options.limits = limits_of(share_of_memory(options_, workers_));
        options.interrupted = interrupted_;
        options.give_up = [&](std::uint32_t number) { processes_.kill(number); };
        options.tell = [&](const Lost& lost) {
            if (!options_.quiet)
                error_ << said_by << "worker " << lost.number << " " << lost.why << std::endl;
        };
        return options;
    }

    int status_of(const Hub::End& end)
    {
        const auto until = Clock::now() + to_end;
        if (end.kind == Hub::End::Kind::failed) {
            error_ << said_by << end.why << std::endl;
            return end.status;
        }
        if (end.kind == Hub::End::Kind::all_lost) {
            error_ << said_by << "all workers were lost; the same command with --resume goes on"
                   << std::endl;
            return deserted;
        }
        // The one that wrote knows how it ended; where it is elsewhere, all know.
        int status = processes_.wait(end.first, until);
        for (std::uint32_t i = 0; i < workers_ && status < 0; ++i)
            if (std::ranges::find(end.lost, i, &Lost::number) == end.lost.end())
                status = processes_.wait(i, until);
        for (std::uint32_t i = 0; i < workers_; ++i) processes_.wait(i, until);
        if (status <= all_good) return all_good;
        if (status == status_from(static_cast<std::uint32_t>(status))) return status;
        // All had said that they were done; this one was ended before it could say more.
        error_ << said_by << "worker " << end.first << " was ended as it ended" << std::endl;
        return deserted;
    }

    const TrainOptions& options_;
    std::uint32_t workers_;
    Patience patience_;
    std::ostream& error_;
    Interruption interruption_;
    std::function<bool()> interrupted_ = [this] { return interruption_.came(); };
    WorkerProcesses processes_;
    std::vector<Channel> channels_;
};

/// One where it cannot be read: what is wrong with it is said by whoever trains with it.
std::uint32_t in_job_file(const TrainOptions& options)
{
    std::ostringstream unheard;
    if (auto done = confine(options.job, {}, {options.out, options.checkpoint, options.log},
                            options.segments, unheard);
        !done)
        return 1;
    const auto job = with_job_file(options.job);
    return job ? job->workers.value_or(1) : 1;
}

int wrong(const std::string& why, std::ostream& error)
{
    error << said_by << why << '\n';
    return wrong_usage;
}

}  // namespace

std::uint32_t count_of_workers(const TrainOptions& options)
{
    if (options.job.workers || options.job.file.empty()) return options.job.workers.value_or(1);
    // This process starts others, so that it cannot be in the sandbox; a child of it can.
    const auto child = fork();
    if (child == 0) _exit(static_cast<int>(in_job_file(options)));
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return 1;
    return std::clamp<std::uint32_t>(static_cast<std::uint32_t>(WEXITSTATUS(status)), 1,
                                     most_workers);
}

int lead_command(const TrainOptions& options, std::uint32_t workers, std::ostream& error)
{
    return Lead{options, workers, error}.run({});
}

int meet_command(const TrainOptions& options, const Train& train, std::ostream& out,
                 std::ostream& error)
{
    const auto& said = options.workers;
    const auto count = options.job.workers.value_or(1);
    const auto rank = said.rank.value_or(0);
    if (count < 2) return wrong("--rank and --rendezvous go with --workers 2 or more", error);
    if (rank >= count)
        return wrong("--rank " + std::to_string(rank) + " is none of " + std::to_string(count) +
                         " workers, which are 0 to " + std::to_string(count - 1),
                     error);
    const auto address = RendezvousAddress::read(said.rendezvous);
    if (!address) return wrong("--rendezvous: " + address.error().detail, error);
    if (address->is_open_to_others && !said.open_network)
        return wrong("--rendezvous " + address->text +
                         ": others than this machine could come there; --open-network lets them",
                     error);
    if (rank == 0) {
        auto rendezvous = Rendezvous::open(*address);
        if (!rendezvous) return fail(rendezvous.error(), error);
        return Lead{options, count, error}.run(std::move(*rendezvous));
    }
    auto channel = meet(*address, patience_of(said));
    if (!channel) return fail(channel.error(), error);
    return work_for(options, std::move(*channel), train, out, error);
}

int work_for(const TrainOptions& options, Channel channel, const Train& train, std::ostream& out,
             std::ostream& error)
{
    const auto& said = options.workers;
    const bool was_started_here = said.link >= 0;
    const auto workers = options.job.workers.value_or(1);
    auto mine = options;
    mine.job.memory_mib = share_of_memory(options, workers);
    auto patience = patience_of(said);
    if (was_started_here) patience.silence = patience.joining = for_the_one_that_leads;
    Link link{std::move(channel), said.rank.value_or(0), workers, patience,
              limits_of(mine.job.memory_mib)};
    if (!was_started_here)
        if (auto done = link.greet(); !done) return link.status_or(fail(done.error(), error));
    std::ostringstream told;
    const auto status = train(mine, &link, out, told);
    std::string_view why{told.view()};
    if (status == all_good || status == interrupted) {
        if (link.place() == 0) error << why;
        return status;
    }
    auto reason = why;
    if (reason.starts_with(said_by)) reason.remove_prefix(said_by.size());
    while (reason.ends_with('\n')) reason.remove_suffix(1);
    // Whoever leads tells people.
    if (!link.leave(status, reason) || !was_started_here) error << why;
    return link.status_or(status);
}

}  // namespace training
