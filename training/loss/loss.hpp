#pragma once

#include "ledger/base/result.hpp"
#include "samples/source.hpp"
#include "training/graph/before_activation.hpp"
#include "training/recipe/recipe.hpp"

#include <ATen/core/Tensor.h>

#include <optional>

namespace training {

/// How far a batch of answers is from what was wanted.
class Loss {
public:
    /// For an output of `spec`, before `last` where it has one. `invalid` where the recipe's loss,
    /// the samples' target and the output do not go together; it says which and why.
    static ledger::Result<Loss> make(const LossOptions& options, const samples::Target& target,
                                     const inference::TensorSpec& spec, LastStep last);

    /// The mean over the batch, of `answers` [n, ...] before their last activation. `wanted`:
    /// int64 [n] for classes, FP32 [n, ...] for numbers, and the samples themselves where the
    /// target is none. `teacher`: its answers before their last activation; undefined without one.
    /// Throws what libtorch throws.
    at::Tensor of(const at::Tensor& answers, const at::Tensor& wanted,
                  const at::Tensor& teacher = {}) const;
    /// How many of the answers are the class that was wanted; empty where there are no classes.
    std::optional<std::int64_t> hits(const at::Tensor& answers, const at::Tensor& wanted) const;

    /// How much the mean over a part of a batch counts in the mean over all of it: the weights of
    /// its samples' classes where the loss goes by labels alone, otherwise how many they are.
    double weight_of(const at::Tensor& wanted) const;

    bool counts_hits() const;
    LossOptions::Kind kind() const { return options_.kind; }
    /// For each class; from now on they count as much.
    void set_class_weights(const std::vector<double>& weights);

private:
    Loss(LossOptions options, bool of_classes, LastStep last)
        : options_{std::move(options)}, of_classes_{of_classes}, last_{last}
    {
    }
    at::Tensor from_labels(const at::Tensor& answers, const at::Tensor& wanted) const;
    at::Tensor from_teacher(const at::Tensor& answers, const at::Tensor& teacher) const;

    LossOptions options_;
    bool of_classes_;
    LastStep last_;
    at::Tensor class_weights_;
};

/// Weights that make all classes count alike, from how often each is there: n / (classes * count),
/// 0 for one that never is.
std::vector<double> balancing_weights(const std::vector<std::uint64_t>& counts);

}  // namespace training
