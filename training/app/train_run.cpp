#include "training/app/train_run.hpp"

#include "ledger/base/hex.hpp"
#include "training/app/train_beginning.hpp"

#include <fmt/format.h>

namespace training {

using ledger::Result;
using nlohmann::json;

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

TrainRun::TrainRun(const TrainOptions& options, Prepared prepared, TrainReport report, Link* link)
    : options_{options},
      prepared_{std::move(prepared)},
      report_{std::move(report)},
      link_{link},
      spoke_{speaks()},
      began_{session().step()}
{
    report_.speak(spoke_);
}

Result<bool> TrainRun::join()
{
    if (link_ == nullptr) return true;
    remember();
    const auto goes_on = [this] { return !interruption_.came(); };
    auto beginning = beginning_of(options_, prepared_, remembered_,
                                  [&] { return goes_on() && !link_->is_left(); });
    // Whoever is told to end need not read all samples first: why is heard below.
    if (!beginning && link_->is_left()) beginning = Beginning{};
    const auto joined = beginning ? link_->join(*beginning, goes_on) : beginning.error();
    if (joined) return true;
    if (goes_on() || link_->was_stopped()) return joined.error();
    static_cast<void>(link_->leave(interrupted_status, "interrupted, before training began"));
    return false;
}

Result<Ended> TrainRun::run()
{
    while (!session().is_finished()) {
        if (options_.stop_after != 0 && session().step() >= options_.stop_after)
            return kept(Ended::stopped);
        if (const auto ended = asked_to_end()) return kept(*ended);
        auto done = take_step();
        if (!done && can_fall_back()) done = fall_back();
        if (!done) return done.error();
    }
    return kept(session().ended_early() ? Ended::early : Ended::finished);
}

/// Workers end together: what one of them is asked for, all hear with the next sum.
std::optional<Ended> TrainRun::asked_to_end()
{
    bool is_interrupted = interruption_.came();
    bool is_over =
        options_.seconds != 0 && report_.seconds() >= static_cast<double>(options_.seconds);
    if (link_ != nullptr) {
        if (is_interrupted) link_->wish(wish_interrupt);
        if (is_over) link_->wish(wish_time_over);
        is_interrupted = (link_->wishes() & wish_interrupt) != 0;
        is_over = (link_->wishes() & wish_time_over) != 0;
    }
    if (is_interrupted) return Ended::interrupted;
    if (is_over) return Ended::out_of_time;
    return {};
}

Result<void> TrainRun::take_step()
{
    const auto taken = session().take_step();
    if (!taken) return taken.error();
    report_.step(session(), taken->samples);
    return after_step();
}

bool TrainRun::at(std::uint64_t every) const
{
    return every != 0 && prepared_.session->step() % every == 0;
}

Result<void> TrainRun::after_step()
{
    const bool epoch_over = at(session().steps_per_epoch()) || session().is_finished();
    std::optional<Measure> held_out;
    if (session().measure_due()) {
        auto measure = session().measure();
        if (!measure) return measure.error();
        held_out = *measure;
    }
    if (epoch_over) report_.epoch(session(), held_out);
    const bool segment_over =
        options_.segment != 0 && (at(options_.segment) || session().is_finished());
    if (segment_over)
        if (auto done = end_segment(); !done) return done;
    const bool keeps = options_.every == 0 ? epoch_over : at(options_.every);
    // All steps of a segment are taken by as many: so it can be done again.
    if (options_.segment != 0 ? segment_over : keeps) remember();
    return keeps ? keep() : Result<void>{};
}

Result<void> TrainRun::keep()
{
    if (!speaks() || options_.checkpoint.empty()) return {};
    ledger::PosixDisk disk;
    // A training that is resumed in the midst of a segment could not go back to where that began.
    auto hash = keeps_whole_segments()
                    ? write_checkpoint(disk, options_.checkpoint, remembered_)
                    : write_checkpoint(disk, options_.checkpoint, session().checkpoint());
    if (!hash) return hash.error();
    return {};
}

Result<Ended> TrainRun::kept(Ended ended)
{
    report_.finish();
    if (auto done = keep(); !done) return done.error();
    return ended;
}

// Segment i takes steps i * S up to (i + 1) * S; its checkpoint is what it ends with.
Result<void> TrainRun::end_segment()
{
    if (!speaks()) return {};
    ledger::PosixDisk disk;
    const auto number = (session().step() - 1) / options_.segment;
    const auto hash =
        write_checkpoint(disk, segment_path(options_, number), session().checkpoint());
    if (!hash) return hash.error();
    json said{{"segment", number},
              {"step", session().step()},
              {"commitment", ledger::to_hex0x(hash->view())}};
    if (!session().workers().is_one()) said["workers"] = session().workers().text();
    report_.note(said);
    return {};
}

void TrainRun::remember()
{
    if (link_ == nullptr) return;
    remembered_ = session().checkpoint();
    for (auto& each : remembered_.tensors) each.tensor = each.tensor.detach().clone();
}

Result<void> TrainRun::fall_back()
{
    const auto step = session().step() + 1;
    const auto losses = link_->take_changes();
    link_->unwish(wish_done);
    report_.speak(speaks());
    for (const auto& each : losses) {
        const json said{{"worker", each.number},
                        {"why", each.why},
                        {"step", step},
                        {"back_to", remembered_.step},
                        {"left", link_->workers()}};
        lost_.push_back(said);
        report_.lost(fmt::format("worker {} {} in step {}: {} left, from step {} on", each.number,
                                 each.why, step, link_->workers(), remembered_.step),
                     {{"lost", said}});
    }
    if (auto done = session().restore(remembered_); !done) return done;
    // As long as the state says how many took the steps before it.
    if (speaks() && !std::exchange(spoke_, true))
        if (auto done = take_over(); !done) return done;
    return session().share(*link_);
}

/// The one that wrote is lost: it may have taken the last step of a segment with all others, and
/// not have written what is committed to. Where it had, the same bits stand there again.
Result<void> TrainRun::take_over()
{
    if (session().step() <= began_) return {};
    if (options_.segment != 0 && (at(options_.segment) || session().is_finished()))
        if (auto done = end_segment(); !done) return done;
    return keep();
}

Result<bool> TrainRun::part()
{
    if (link_ == nullptr) return true;
    link_->wish(wish_done);
    Sums none;
    if (auto done = link_->add_up(session().step(), none); done)
        return true;
    else if (!can_fall_back())
        return done.error();
    if (auto done = fall_back(); !done) return done.error();
    return false;
}

}  // namespace training
