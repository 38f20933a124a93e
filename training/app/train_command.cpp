#include "ledger/base/hex.hpp"
#include "training/app/commands.hpp"
#include "training/app/train_beginning.hpp"
#include "training/app/train_run.hpp"
#include "training/app/workers_command.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>

namespace training {
namespace {

namespace fs = std::filesystem;
using ledger::Result;
using nlohmann::json;

Result<void> begin(Session& session, std::uint32_t workers, const TrainOptions& options)
{
    if (!options.segments.empty()) {
        ledger::PosixDisk disk;
        if (auto done = disk.make_folder(options.segments); !done) return done;
    }
    std::error_code ignored;
    if (options.checkpoint.empty() || !fs::exists(options.checkpoint, ignored)) return {};
    if (!options.resume && !options.force)
        return ledger::Error{
            ledger::ErrorKind::denied,
            options.checkpoint + " is there: --resume goes on from it, --force begins anew"};
    if (!options.resume) return {};
    ledger::PosixDisk disk;
    const auto checkpoint = read_checkpoint(disk, options.checkpoint);
    if (!checkpoint) return checkpoint.error();
    if (checkpoint->threads != options.job.threads)
        return ledger::invalid(
            fmt::format("the checkpoint is of a training with {} threads, other "
                        "numbers would come out with {}: say --threads {}",
                        checkpoint->threads, options.job.threads, checkpoint->threads));
    const auto last = checkpoint->workers.last();
    if (last != 1 && !options.job.workers)
        return ledger::invalid(
            fmt::format("the checkpoint is of a training by {0} workers, other numbers would come "
                        "out with one: "
                        "say --workers {0}, or --workers 1",
                        last));
    if (auto done = session.restore(*checkpoint); !done) return done;
    return session.is_finished() ? Result<void>{} : fits_segments(*checkpoint, workers, options);
}

void tell(TrainRun& run, const TrainOptions& options, Ended ended, const std::string& id,
          std::ostream& out)
{
    auto& session = run.session();
    const auto seconds = run.report().seconds();
    const auto waited = std::chrono::duration<double>(session.waited()).count();
    const auto speed = static_cast<double>(run.report().samples()) / std::max(seconds, 1e-9);
    json said{{"ended", name_of(ended)},
              {"steps", session.step()},
              {"of", session.steps()},
              {"samples", run.report().samples()},
              {"seconds", seconds},
              {"samples_per_second", speed},
              {"workers", session.workers().text()},
              {"waited_for_samples", waited},
              {"loss", session.epoch_so_far().loss},
              {"model", options.out},
              {"model_id", id},
              {"commitment", ledger::to_hex0x(commitment_to(session.checkpoint()).view())}};
    if (const auto best = session.best())
        said["best"] = {{"value", *best}, {"step", session.best_step()}};
    if (!run.lost().empty()) said["lost"] = run.lost();
    run.report().note(said);
    if (options.json)
        out << said.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
    else if (!options.quiet)
        out << fmt::format("{}: {} of {} steps in {}{}, {:.0f} samples/s; {} holds model {}\n",
                           name_of(ended), session.step(), session.steps(), duration_text(seconds),
                           by_workers(session.workers()), speed, options.out, id);
    out.flush();
}

/// The training itself, alone or as one of several workers.
int train(const TrainOptions& given, Link* link, std::ostream& out, std::ostream& error)
{
    if (auto done =
            confine(given.job, {}, {given.out, given.checkpoint, given.log}, given.segments, error);
        !done)
        return fail(done.error(), error);
    auto options = given;
    if (auto job = with_job_file(given.job); job)
        options.job = std::move(*job);
    else
        return fail(job.error(), error);
    std::error_code ignored;
    // What a training that is resumed has written before may be replaced.
    const bool resumes =
        options.resume && !options.checkpoint.empty() && fs::exists(options.checkpoint, ignored);
    if (!options.force && !resumes && fs::exists(options.out, ignored))
        return fail({ledger::ErrorKind::denied, options.out + " is there; --force replaces it"},
                    error);
    auto prepared = prepare(options.job);
    if (!prepared) return fail(prepared.error(), error);
    auto report = TrainReport::open({options.quiet || options.json, options.log}, out);
    if (!report) return fail(report.error(), error);
    if (auto done = begin(*prepared->session, link != nullptr ? link->workers() : 1, options);
        !done)
        return fail(done.error(), error);
    if (auto done = link != nullptr ? prepared->session->share(*link) : prepared->session->share(1);
        !done)
        return fail(done.error(), error);

    TrainRun run{options, std::move(*prepared), std::move(*report), link};
    if (const auto joined = run.join(); !joined)
        return fail(joined.error(), error);
    else if (!*joined)
        return interrupted;
    for (;;) {
        const auto ended = run.run();
        run.report().finish();
        if (!ended) return fail(ended.error(), error);
        Result<std::string> model{""};
        if (run.speaks()) model = write_model(run.session(), options.out);
        if (!model) return fail(model.error(), error);
        const auto parted = run.part();
        if (!parted) return fail(parted.error(), error);
        if (!*parted) continue;
        if (run.speaks()) tell(run, options, *ended, *model, out);
        if (*ended != Ended::interrupted) return all_good;
        if (!options.checkpoint.empty() && !options.quiet && run.speaks())
            error << "millrace-trainer: interrupted; the same command with --resume goes on\n";
        return interrupted;
    }
}

}  // namespace

int train_command(const TrainOptions& options, std::ostream& out, std::ostream& error)
{
    const auto& workers = options.workers;
    if (workers.link >= 0) return work_for(options, Channel{workers.link}, train, out, error);
    if (!workers.rendezvous.empty()) return meet_command(options, train, out, error);
    if (workers.rank) {
        error << "millrace-trainer: --rank goes with --rendezvous\n";
        return wrong_usage;
    }
    const auto count = count_of_workers(options);
    return count > 1 ? lead_command(options, count, error) : train(options, nullptr, out, error);
}

}  // namespace training
