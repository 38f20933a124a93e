#include "training/app/train_report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <unistd.h>
#include <cstdio>

namespace training {
namespace {

using nlohmann::json;

std::string bar(double share)
{
    constexpr int width = 24;
    const auto full = static_cast<int>(share * width);
    return std::string(static_cast<std::size_t>(full), '#') +
           std::string(static_cast<std::size_t>(width - full), '.');
}

std::string measure_text(const Measure& measure)
{
    auto text = fmt::format("loss {:.5g}", measure.loss);
    if (measure.accuracy) text += fmt::format("  accuracy {:.4f}", *measure.accuracy);
    return text;
}

json measure_json(const Measure& measure)
{
    json said{{"loss", measure.loss}};
    if (measure.accuracy) said["accuracy"] = *measure.accuracy;
    return said;
}

}  // namespace

std::string by_workers(const WorkerCounts& workers)
{
    if (workers.is_one()) return {};
    return fmt::format(" by {} workers", workers.last());
}

std::string duration_text(double seconds)
{
    const auto whole = static_cast<std::uint64_t>(seconds + 0.5);
    if (whole >= 3600) return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
    if (whole >= 60) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{} s", whole);
}

TrainReport::TrainReport(bool quiet, std::ostream& out)
    : out_{&out}, quiet_{quiet}, is_seen_{!quiet && isatty(STDERR_FILENO) == 1}
{
}

ledger::Result<TrainReport> TrainReport::open(const Options& options, std::ostream& out)
{
    TrainReport report{options.quiet, out};
    if (!options.log.empty()) {
        report.log_.emplace(options.log, std::ios::app);
        if (!*report.log_)
            return ledger::Error{ledger::ErrorKind::io, options.log + " cannot be opened"};
    }
    return report;
}

void TrainReport::step(const Session& session, std::int64_t samples)
{
    samples_ += static_cast<std::uint64_t>(samples);
    if (!first_step_) first_step_ = session.step() - 1;
    const auto now = Steady::now();
    if (!is_seen_ || !speaks_ || (drawn_ && now - *drawn_ < std::chrono::milliseconds{100})) return;
    drawn_ = now;
    const auto spent = seconds();
    const auto done = static_cast<double>(session.step() - *first_step_);
    const auto left = static_cast<double>(session.steps() - session.step()) * spent / done;
    const auto share = static_cast<double>(session.step()) / static_cast<double>(session.steps());
    fmt::print(stderr, "\r\x1b[K[{}] {:3.0f} %  step {}/{}  {}  {:.0f} samples/s{}  {} left",
               bar(share), share * 100, session.step(), session.steps(),
               measure_text(session.epoch_so_far()), static_cast<double>(samples_) / spent,
               by_workers(session.workers()), duration_text(left));
    std::fflush(stderr);
}

void TrainReport::epoch(const Session& session, const std::optional<Measure>& held_out)
{
    finish();
    const auto epoch = (session.step() + session.steps_per_epoch() - 1) / session.steps_per_epoch();
    const auto so_far = session.epoch_so_far();
    const bool is_best = held_out && session.best_step() == session.step();
    if (!quiet_ && speaks_) {
        *out_ << "epoch " << epoch << "  " << measure_text(so_far);
        if (held_out)
            *out_ << "  held out: " << measure_text(*held_out) << (is_best ? "  best" : "");
        *out_ << std::endl;
    }
    json said{{"epoch", epoch}, {"step", session.step()}, {"train", measure_json(so_far)}};
    if (held_out) {
        said["held_out"] = measure_json(*held_out);
        said["best"] = is_best;
    }
    said["seconds"] = seconds();
    note(said);
}

void TrainReport::lost(const std::string& text, const json& what)
{
    finish();
    if (!quiet_ && speaks_) *out_ << text << std::endl;
    note(what);
}

void TrainReport::note(const json& what)
{
    if (log_ && speaks_)
        *log_ << what.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
}

void TrainReport::finish()
{
    if (!is_seen_ || !drawn_) return;
    fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
    drawn_.reset();
}

double TrainReport::seconds() const
{
    return std::chrono::duration<double>(Steady::now() - began_).count();
}

}  // namespace training
