#pragma once

#include "training/executor/executor.hpp"
#include "training/optimiser/optimiser.hpp"
#include "training/recipe/recipe.hpp"

namespace training {

/// Lets a model learn with the errors that few bits will make of its numbers (Jacob et al. 2018):
/// what Conv, Gemm and MatMul take is rounded to a grid, and the gradient passes as if it were not.
/// Weights have a symmetric grid of their own, for each output channel or altogether; what comes
/// from the samples a grid between a moving least and most number of it. Shares its tensors with
/// the executor.
class FakeQuantisation {
public:
    /// Of `parameters` those that such a node takes as they are for its second input. `invalid`
    /// where there are none.
    static ledger::Result<FakeQuantisation> choose(const Plan& plan,
                                                   const std::vector<NamedTensor>& parameters,
                                                   const QuantiseOptions& options);

    /// Whether `round_inputs` does anything.
    void turn_on(bool on) { is_on_ = on; }
    /// Rounds what a node takes, by its place in the plan, and moves its range.
    void round_inputs(std::size_t node, std::vector<at::Tensor>& inputs);
    /// Puts the weights onto their grids.
    void snap();

    /// For each of these nodes the least and the most number: all that is remembered. Both 0 where
    /// nothing was seen yet. Float, in two columns; may be written to.
    const at::Tensor& ranges() const { return ranges_; }

private:
    explicit FakeQuantisation(const QuantiseOptions& options) : options_{options} {}
    struct Weight {
        std::string name;
        at::Tensor tensor;
        std::int64_t channels;  ///< the axis of the output's channels
    };
    struct Place {
        std::size_t weight;
        std::int64_t range;
    };
    at::Tensor rounded(const Weight& weight, const at::Tensor& numbers) const;
    at::Tensor rounded_within_range(const at::Tensor& numbers, std::int64_t range);

    QuantiseOptions options_;
    bool is_on_ = false;
    std::vector<Weight> weights_;
    std::vector<std::optional<Place>> places_;  ///< for each node
    at::Tensor ranges_;
};

}  // namespace training
