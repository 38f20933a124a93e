#pragma once

#include "ledger/base/result.hpp"
#include "training/recipe/recipe.hpp"

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

namespace torch::optim {
class Optimizer;
}

namespace training {

/// A tensor of a checkpoint. Shares its numbers with whoever gave it.
struct NamedTensor {
    std::string name;
    at::Tensor tensor;
};

/// libtorch's optimisers, with a state that can be kept and brought back bit by bit.
/// Not for several threads at once.
class Optimiser {
public:
    /// Moves `parameters` by their gradients; names are theirs in a checkpoint.
    Optimiser(const OptimiserOptions& options, std::vector<NamedTensor> parameters);
    ~Optimiser();
    Optimiser(Optimiser&&) noexcept;
    Optimiser& operator=(Optimiser&&) noexcept;

    /// Takes one step with the gradients that the parameters have, at `rate`.
    void step(double rate);
    /// Forgets gradients.
    void clear();

    /// What is remembered from step to step, in the order of the parameters: names are the
    /// parameter's, a slash and what it is. Before the first step there is nothing.
    std::vector<NamedTensor> state() const;
    /// Goes on from such a state. `invalid` where a tensor is missing, or is not as its parameter.
    ledger::Result<void> restore(const std::vector<NamedTensor>& state);

private:
    std::vector<NamedTensor> parameters_;
    OptimiserOptions::Kind kind_;
    std::unique_ptr<torch::optim::Optimizer> optimiser_;
};

}  // namespace training
