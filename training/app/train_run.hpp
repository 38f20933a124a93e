#pragma once

#include "training/app/interruption.hpp"
#include "training/app/prepare.hpp"
#include "training/app/train_report.hpp"
#include "training/workers/link.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace training {

/// Why a run of `train` is over.
enum class Ended { finished, early, stopped, out_of_time, interrupted };
std::string_view name_of(Ended ended);

/// The steps of one run of `train`, what is kept on the way and what is told; alone or as one of
/// several workers. Of these the one at place 0 writes and tells. When another is lost those who
/// are left go back to what was kept last, and go on from there.
class TrainRun {
public:
    /// `link`: to the others; null: alone. It must outlive this.
    TrainRun(const TrainOptions& options, Prepared prepared, TrainReport report, Link* link);

    Session& session() { return *prepared_.session; }
    TrainReport& report() { return report_; }
    bool speaks() const { return link_ == nullptr || link_->place() == 0; }
    /// Who was lost, as JSON: number, why, the step in which, and that from which the rest went on.
    const nlohmann::json& lost() const { return lost_; }

    /// Waits until all workers are ready. False where it was interrupted before; the others know.
    ledger::Result<bool> join();
    /// Takes steps until there are none, or somebody asks to end.
    ledger::Result<Ended> run();
    /// After the last thing was written: whether nobody was lost meanwhile. Otherwise this has gone
    /// back, and is to be run again.
    ledger::Result<bool> part();

private:
    bool at(std::uint64_t every) const;
    std::optional<Ended> asked_to_end();
    ledger::Result<void> take_step();
    ledger::Result<void> after_step();
    ledger::Result<void> keep();
    /// Several workers of a training in segments go on from the end of one, whatever happens.
    bool keeps_whole_segments() const { return link_ != nullptr && options_.segment != 0; }
    ledger::Result<Ended> kept(Ended ended);
    ledger::Result<void> end_segment();
    void remember();
    bool can_fall_back() const { return link_ != nullptr && link_->has_changed(); }
    ledger::Result<void> fall_back();
    ledger::Result<void> take_over();

    const TrainOptions& options_;
    Prepared prepared_;
    TrainReport report_;
    Link* link_;
    Interruption interruption_;
    bool spoke_;             ///< whether this one wrote before the last loss
    std::uint64_t began_;    ///< after how many steps this run began
    Checkpoint remembered_;  ///< where the others go on when one is lost; its tensors are copies
    nlohmann::json lost_ = nlohmann::json::array();
};

}  // namespace training
