#include "training/operators/families.hpp"

#include <ATen/ATen.h>

namespace training::families {
namespace {

at::Tensor likelihood_loss(const Call& call, const at::Tensor& log_probabilities)
{
    const auto word = call.text("reduction", "mean");
    require(word == "none" || word == "mean" || word == "sum", "reduction " + word);
    const std::int64_t reduction = word == "none" ? 0 : word == "mean" ? 1 : 2;
    c10::optional<at::Tensor> weights;
    if (call.has(2)) weights = call.in(2).detach();
    require(log_probabilities.dim() >= 2, "a loss of what has no classes");
    return at::nll_loss_nd(log_probabilities, call.in(1).to(at::kLong), weights, reduction,
                           call.integer("ignore_index", -100));
}

Outputs negative_log_likelihood(const Call& call)
{
    return one(likelihood_loss(call, call.in(0)));
}

Outputs softmax_cross_entropy(const Call& call)
{
    const auto log_probabilities = at::log_softmax(call.in(0), 1);
    return {likelihood_loss(call, log_probabilities), log_probabilities};
}

const Row rows_of_loss[] = {
    {.name = "NegativeLogLikelihoodLoss",
     .first = 12,
     .last = 13,
     .function = negative_log_likelihood,
     .settings_from = 1},
    {.name = "SoftmaxCrossEntropyLoss",
     .first = 12,
     .last = 13,
     .function = softmax_cross_entropy,
     .settings_from = 1},
};

}  // namespace

std::span<const Row> loss()
{
    return rows_of_loss;
}

}  // namespace training::families
