#pragma once

#include "training/session/session.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <fstream>
#include <optional>
#include <ostream>
#include <string>

namespace training {

/// Tells people how a training goes: a line on standard error that is written over where somebody
/// looks at it, a line for each epoch, and the same as JSON in a file, one object a line.
class TrainReport {
public:
    struct Options {
        bool quiet = false;
        std::string log;  ///< a path; empty: none
    };
    /// `io` where the log cannot be opened; it is added to.
    static ledger::Result<TrainReport> open(const Options& options, std::ostream& out);

    /// Whether this worker tells people anything: one of several does. At first it does.
    void speak(bool speaks) { speaks_ = speaks; }
    /// Call after each step; draws ten times a second.
    void step(const Session& session, std::int64_t samples);
    /// Call after each epoch, with what was measured on held-out samples.
    void epoch(const Session& session, const std::optional<Measure>& held_out);
    /// A worker was lost: `text` for people, `what` for the log.
    void lost(const std::string& text, const nlohmann::json& what);
    /// One more line of the log.
    void note(const nlohmann::json& what);
    /// Takes the line away.
    void finish();

    double seconds() const;
    std::uint64_t samples() const { return samples_; }

private:
    using Steady = std::chrono::steady_clock;
    TrainReport(bool quiet, std::ostream& out);

    std::ostream* out_;
    std::optional<std::ofstream> log_;
    bool quiet_;
    bool is_seen_;
    bool speaks_ = true;
    Steady::time_point began_ = Steady::now();
    std::optional<Steady::time_point> drawn_;
    std::uint64_t samples_ = 0;
    std::optional<std::uint64_t> first_step_;
};

/// " by 3 workers"; nothing where there never was but one.
std::string by_workers(const WorkerCounts& workers);

/// "1 h 02 min", "3 min 20 s", "12 s".
std::string duration_text(double seconds);

}  // namespace training
