#include "ledger/base/hex.hpp"
#include "training/app/commands.hpp"
#include "training/app/prepare.hpp"
#include "training/files/whole_file.hpp"

#include <nlohmann/json.hpp>

namespace training {
namespace {

using ledger::Result;

Result<Checkpoint> beginning(const Session& session, const ReplayOptions& options)
{
    if (options.from.empty()) {
        auto start = session.checkpoint();
        for (auto& each : start.tensors) each.tensor = each.tensor.detach().clone();
        start.workers = WorkerCounts{options.job.workers.value_or(1)};
        return start;
    }
    // Only to be read: a sandbox lets nobody write there.
    const auto file = read_whole_file(options.from, CheckpointLimits{}.bytes);
    if (!file) return file.error();
    auto checkpoint = decode_checkpoint(*file);
    if (!checkpoint) return checkpoint.error();
    if (checkpoint->threads != options.job.threads)
        return ledger::invalid("the checkpoint is of a training with " +
                               std::to_string(checkpoint->threads) + " threads: say --threads " +
                               std::to_string(checkpoint->threads));
    return checkpoint;
}

/// From `start` on, each step by as many workers as `workers` says. What nobody else needs of it is
/// let go of.
Result<void> go_from(Checkpoint start, const WorkerCounts& workers, Session& session,
                     std::uint64_t steps)
{
    if (auto done = session.restore(start); !done) return done;
    const auto first = start.step;
    start.tensors.clear();
    const auto end = session.step() + steps;
    while (session.step() < end && !session.is_finished()) {
        const auto count = workers.after(session.step());
        if (session.step() == first || count != session.workers().last())
            if (auto done = session.share(count); !done) return done;
        const auto taken = session.take_step();
        if (!taken) return taken.error();
        if (!session.measure_due()) continue;
        const auto measure = session.measure();
        if (!measure) return measure.error();
    }
    return {};
}

/// By how many workers the steps may have been taken, the likeliest first. Where one was lost,
/// fewer have done the same work.
Result<std::vector<WorkerCounts>> candidates(const Checkpoint& start, const ReplayOptions& options)
{
    if (!options.workers.empty()) {
        const auto said = WorkerCounts::read(options.workers);
        if (!said) return said.error();
        return std::vector{*said};
    }
    std::vector<WorkerCounts> all{WorkerCounts{start.workers.last()}};
    if (options.expect.empty()) return all;
    for (auto count = std::max(start.workers.last(), options.job.workers.value_or(1)); count > 0;
         --count)
        if (count != start.workers.last()) all.emplace_back(count);
    return all;
}

/// Whether what is expected was reached; the first way is what counts where none does.
Result<bool> go_to(Session& session, const ReplayOptions& options,
                   const std::optional<ledger::Hash>& expected)
{
    auto start = beginning(session, options);
    if (!start) return start.error();
    const auto ways = candidates(*start, options);
    if (!ways) return ways.error();
    if (ways->size() == 1) {
        if (auto done = go_from(std::move(*start), ways->front(), session, options.steps); !done)
            return done.error();
        return !expected || commitment_to(session.checkpoint()) == *expected;
    }
    for (const auto& workers : *ways) {
        if (auto done = go_from(*start, workers, session, options.steps); !done)
            return done.error();
        if (!expected || commitment_to(session.checkpoint()) == *expected) return true;
    }
    if (auto done = go_from(*start, ways->front(), session, options.steps); !done)
        return done.error();
    return false;
}

}  // namespace

int replay_command(const ReplayOptions& given, std::ostream& out, std::ostream& error)
{
    const auto expected = ledger::id_from_hex<ledger::Hash>(given.expect);
    if (!given.expect.empty() && !expected) {
        error << "millrace-trainer: --expect is not 64 hex digits\n";
        return wrong_usage;
    }
    if (auto done = confine(given.job, {given.from}, {given.out, given.model_out}, {}, error);
        !done)
        return fail(done.error(), error);
    auto options = given;
    if (auto job = with_job_file(given.job); job)
        options.job = std::move(*job);
    else
        return fail(job.error(), error);
    auto prepared = prepare(options.job);
    if (!prepared) return fail(prepared.error(), error);
    auto& session = *prepared->session;
    const auto reaches = go_to(session, options, expected);
    if (!reaches) return fail(reaches.error(), error);
    const auto reached = session.checkpoint();
    const auto commitment = commitment_to(reached);
    if (!options.out.empty()) {
        ledger::PosixDisk disk;
        const auto written = write_checkpoint(disk, options.out, reached);
        if (!written) return fail(written.error(), error);
    }
    const bool agrees = *reaches;
    const auto text = ledger::to_hex0x(commitment.view());
    nlohmann::json said{{"step", session.step()}, {"commitment", text}};
    if (!session.workers().is_one()) said["workers"] = session.workers().text();
    if (expected) said["agrees"] = agrees;
    // Nobody should come to use the model of a state that was not the one expected.
    if (!options.model_out.empty() && agrees) {
        const auto written = write_model(session, options.model_out);
        if (!written) return fail(written.error(), error);
        said["model"] = options.model_out;
        said["model_id"] = *written;
    }
    if (options.json) {
        out << said.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    } else {
        out << "step " << session.step() << "  " << text << '\n';
        if (said.contains("model"))
            out << options.model_out << " holds model " << said["model_id"].get<std::string>()
                << '\n';
    }
    if (!agrees) error << "millrace-trainer: another commitment was expected\n";
    return agrees ? all_good : refused;
}

}  // namespace training
