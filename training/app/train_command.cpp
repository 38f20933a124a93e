#include "ledger/base/hex.hpp"
#include "training/app/commands.hpp"
#include "training/app/interruption.hpp"
#include "training/app/prepare.hpp"
#include "training/app/train_report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>

namespace training {
namespace {

namespace fs = std::filesystem;
using ledger::Result;
using nlohmann::json;

enum class Ended { finished, early, stopped, out_of_time, interrupted };

std::string_view name_of(Ended ended)
{
    switch (ended) {
        case Ended::finished:
            return "finished";
        case Ended::early:
            return "early";
        case Ended::stopped:
            return "stopped";
        case Ended::out_of_time:
            return "out_of_time";
        case Ended::interrupted:
            return "interrupted";
    }
    return "";
}

/// One run of the command.
class Training {
public:
    Training(const TrainOptions& options, Prepared prepared, TrainReport report)
        : options_{options}, prepared_{std::move(prepared)}, report_{std::move(report)}
    {
    }

    Session& session() { return *prepared_.session; }
    TrainReport& report() { return report_; }

    Result<Ended> run()
    {
        const Interruption interruption;
        while (!session().is_finished()) {
            if (options_.stop_after != 0 && session().step() >= options_.stop_after)
                return kept(Ended::stopped);
            if (interruption.came()) return kept(Ended::interrupted);
            if (options_.seconds != 0 && report_.seconds() >= static_cast<double>(options_.seconds))
                return kept(Ended::out_of_time);
            const auto taken = session().take_step();
            if (!taken) return taken.error();
            report_.step(session(), taken->samples);
            if (auto done = after_step(); !done) return done.error();
        }
        return kept(session().ended_early() ? Ended::early : Ended::finished);
    }

private:
    bool at(std::uint64_t every) const
    {
        return every != 0 && prepared_.session->step() % every == 0;
    }

    Result<void> after_step()
    {
        const bool epoch_over = at(session().steps_per_epoch()) || session().is_finished();
        std::optional<Measure> held_out;
        if (session().measure_due()) {
            auto measure = session().measure();
            if (!measure) return measure.error();
            held_out = *measure;
        }
        if (epoch_over) report_.epoch(session(), held_out);
        if (options_.segment != 0 && (at(options_.segment) || session().is_finished()))
            if (auto done = end_segment(); !done) return done;
        const bool keeps = options_.every == 0 ? epoch_over : at(options_.every);
        if (keeps && !options_.checkpoint.empty()) return keep();
        return {};
    }

    Result<void> keep()
    {
        ledger::PosixDisk disk;
        auto hash = write_checkpoint(disk, options_.checkpoint, session().checkpoint());
        if (!hash) return hash.error();
        return {};
    }

    Result<Ended> kept(Ended ended)
    {
        report_.finish();
        if (!options_.checkpoint.empty())
            if (auto done = keep(); !done) return done.error();
        return ended;
    }

    // Segment i takes steps i * S up to (i + 1) * S; its checkpoint is what it ends with.
    Result<void> end_segment()
    {
        ledger::PosixDisk disk;
        const auto number = (session().step() - 1) / options_.segment;
        const auto path =
            (fs::path{options_.segments} / fmt::format("segment-{:06}", number)).string();
        const auto hash = write_checkpoint(disk, path, session().checkpoint());
        if (!hash) return hash.error();
        report_.note({{"segment", number},
                      {"step", session().step()},
                      {"commitment", ledger::to_hex0x(hash->view())}});
        return {};
    }

    const TrainOptions& options_;
    Prepared prepared_;
    TrainReport report_;
};

Result<void> begin(Session& session, const TrainOptions& options)
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
    return session.restore(*checkpoint);
}

}  // namespace

int train_command(const TrainOptions& given, std::ostream& out, std::ostream& error)
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
    if (auto done = begin(*prepared->session, options); !done) return fail(done.error(), error);

    Training training{options, std::move(*prepared), std::move(*report)};
    auto& session = training.session();
    const auto ended = training.run();
    training.report().finish();
    if (!ended) return fail(ended.error(), error);
    const auto written = write_model(session, options.out);
    if (!written) return fail(written.error(), error);
    const auto& id = *written;
    const auto seconds = training.report().seconds();
    const auto waited = std::chrono::duration<double>(session.waited()).count();
    const auto commitment = ledger::to_hex0x(commitment_to(session.checkpoint()).view());
    json said{{"ended", name_of(*ended)},
              {"steps", session.step()},
              {"of", session.steps()},
              {"samples", training.report().samples()},
              {"seconds", seconds},
              {"waited_for_samples", waited},
              {"loss", session.epoch_so_far().loss},
              {"model", options.out},
              {"model_id", id},
              {"commitment", commitment}};
    if (const auto best = session.best())
        said["best"] = {{"value", *best}, {"step", session.best_step()}};
    training.report().note(said);
    if (options.json)
        out << said.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
    else if (!options.quiet)
        out << fmt::format(
            "{}: {} of {} steps in {}, {:.0f} samples/s; {} holds model {}\n", name_of(*ended),
            session.step(), session.steps(), duration_text(seconds),
            static_cast<double>(training.report().samples()) / std::max(seconds, 1e-9), options.out,
            id);
    if (*ended != Ended::interrupted) return all_good;
    if (!options.checkpoint.empty() && !options.quiet)
        error << "millrace-trainer: interrupted; the same command with --resume goes on\n";
    return interrupted;
}

}  // namespace training
