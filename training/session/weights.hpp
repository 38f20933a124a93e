#pragma once

#include "training/executor/executor.hpp"
#include "training/optimiser/optimiser.hpp"
#include "training/recipe/recipe.hpp"

namespace training {

/// The tensors of a model that a recipe moves. Halves are moved as floats and rounded after each
/// step, so that small steps are not lost. Shares its tensors with the executor.
class Weights {
public:
    /// `invalid` when nothing is left to move.
    static ledger::Result<Weights> choose(Executor& executor, const TensorOptions& options);

    /// What an optimiser moves.
    const std::vector<NamedTensor>& parameters() const { return parameters_; }
    /// These, and the running means and variances that learn: all that is not as it was.
    std::vector<NamedTensor> moving() const;
    /// The running means and variances among them.
    const std::vector<NamedTensor>& statistics() const { return statistics_; }

    /// After a backward pass, before the optimiser's step.
    void take_gradients();
    /// After the optimiser's step, and after numbers were put in from elsewhere.
    void publish();
    void forget_gradients();

    /// Copies of all that moves, and back.
    std::vector<NamedTensor> copy() const;
    ledger::Result<void> put(const std::vector<NamedTensor>& from);
    /// Rounds what is moved to the recipe's grid.
    void snap();
    /// Whether all that moves is still numbers.
    bool are_finite() const;
    bool snaps() const { return options_.snap != TensorOptions::Grid::none; }

private:
    explicit Weights(TensorOptions options) : options_{std::move(options)} {}
    struct Half {
        at::Tensor served;
        at::Tensor moved;
    };

    TensorOptions options_;
    std::vector<NamedTensor> parameters_;
    std::vector<NamedTensor> statistics_;
    std::vector<NamedTensor> served_;  ///< as the executor has them
    std::vector<Half> halves_;
};

/// Of `trainable`, those of the last layer that has weights, and of what comes after it.
std::vector<std::string> head_of(const Plan& plan, const std::vector<std::string>& trainable);

}  // namespace training
