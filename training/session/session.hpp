#pragma once

#include "training/batches/prefetch.hpp"
#include "training/checkpoint/checkpoint.hpp"
#include "training/executor/executor.hpp"
#include "training/loss/loss.hpp"
#include "training/recipe/recipe.hpp"
#include "training/session/shard_sums.hpp"
#include "training/session/weights.hpp"
#include "training/workers/crew.hpp"

#include <memory>
#include <optional>

namespace training {

/// What a training is done with. The caller's; both must outlive the session.
struct Materials {
    const samples::Source* samples = nullptr;
    const samples::Source* validation = nullptr;  ///< null: nothing is measured
};

/// How well a model does.
struct Measure {
    double loss = 0;                 ///< the mean over the samples
    std::optional<double> accuracy;  ///< share of right classes, where there are classes
};

/// One training, step by step. Two sessions of the same model, recipe, samples and number of
/// threads go through the same numbers, bit by bit, on one machine; so does one that was restored
/// from a checkpoint. Not for several threads at once; seeds libtorch's own generator.
class Session {
public:
    /// `invalid` where model, recipe and samples do not go together. `teacher`: a model with the
    /// same inputs and an output of the same shape. `threads`: those that libtorch uses, for
    /// checkpoints; the caller has set them.
    static ledger::Result<Session> make(Plan model, Recipe recipe, Materials materials,
                                        std::optional<Plan> teacher = {},
                                        std::uint32_t threads = 1);

    /// From now on cuts each batch into as many shards as there are workers, and takes the step of
    /// all of them together: all shards here, one after the other, or with a crew the one of this
    /// worker's place. The same bits either way; others with another number. A crew must outlive
    /// the session, and call this again when it has changed. `invalid` where a batch has not a
    /// sample for each, or the model takes only whole batches.
    ledger::Result<void> share(std::uint32_t workers);
    ledger::Result<void> share(Crew& crew);
    /// How many took, and take, which steps.
    const WorkerCounts& workers() const { return state_.workers; }

    std::uint64_t step() const { return state_.step; }  ///< how many were taken
    std::uint64_t steps() const { return steps_; }      ///< in all
    std::uint64_t steps_per_epoch() const { return order_.steps_per_epoch(); }
    std::uint64_t samples_per_step() const { return recipe_.batch; }
    bool is_finished() const { return state_.ended || state_.step >= steps_; }
    bool ended_early() const { return state_.ended; }
    const std::vector<NamedTensor>& parameters() const { return weights_.parameters(); }

    struct Step {
        double loss = 0;
        double rate = 0;
        std::int64_t samples = 0;
    };
    /// Takes one step. `invalid` when the loss is no longer a number, or the samples do not fit the
    /// graph; then nothing has moved and the session is not to be used further. An error of the
    /// crew: to be used again after `restore` and `share`.
    ledger::Result<Step> take_step();

    /// Whether a measure falls due now: an epoch that is to be measured, or all, is over.
    bool measure_due() const;
    /// Measures on the validation samples, keeps the best, and ends the training where the recipe
    /// says so. Once for each time that it is due.
    ledger::Result<Measure> measure();
    /// Of the epoch under way, or just over.
    Measure epoch_so_far() const;
    std::optional<double> best() const;
    std::uint64_t best_step() const { return state_.best_step; }

    /// Shares its tensors with the session: write it before the next step.
    Checkpoint checkpoint() const;
    /// Goes on from there. `invalid` where it is of another model, recipe, teacher or number of
    /// samples; whether they are the same samples is the caller's to know.
    ledger::Result<void> restore(const Checkpoint& checkpoint);

    /// The model file: the best that was measured, otherwise as it is now; on the recipe's grid.
    ledger::Result<ledger::Bytes> model();

    /// How long steps waited for samples.
    std::chrono::steady_clock::duration waited() const;

private:
    struct Parts;
    Session(Parts parts, Recipe recipe, Materials materials, std::uint32_t threads);
    ledger::Result<Step> learn(const Batch& batch);
    ledger::Result<Step> learn_in_shards(const std::vector<Batch>& shards);
    ShardSums::Pass pass_over(const Batch& shard);
    void begin_step();
    double rate() const;
    ledger::Error no_number() const;
    at::Tensor loss_of(const Batch& batch, at::Tensor& answers, Pass pass);
    void move(double rate);
    ledger::Result<Measure> measured();
    ledger::Result<void> measure_batches(Order& order, std::vector<double>& losses,
                                         std::vector<double>& hits);
    void judge(const Measure& measure);
    /// Puts the weights onto the recipe's grid, if it has one.
    bool has_grid() const { return weights_.snaps() || quantisation_ != nullptr; }
    void snap();
    void restart_reading();
    ledger::Result<void> restore_ranges(const Checkpoint& from);

    Executor model_;
    std::optional<Executor> teacher_;
    Recipe recipe_;
    Materials materials_;
    Loss loss_;
    Weights weights_;
    std::shared_ptr<FakeQuantisation> quantisation_;  ///< null without; the executor asks it, too
    Optimiser optimiser_;
    Order order_;
    std::uint64_t steps_;
    std::size_t output_;
    std::vector<at::Tensor> start_;  ///< of each parameter, where the recipe pulls towards it
    std::vector<NamedTensor> best_;
    Checkpoint state_;      ///< without tensors
    Crew* crew_ = nullptr;  ///< null: whatever is shared is done here
    std::unique_ptr<Prefetch> reading_;
};

}  // namespace training
