#include "training/loss/triplet.hpp"

#include <ATen/ATen.h>

namespace training {
namespace {

// A root has no slope at 0, where a sample meets itself.
constexpr double least_square = 1e-12;

at::Tensor distances(const at::Tensor& points)
{
    const auto squares = points.pow(2).sum(1);
    const auto between =
        squares.unsqueeze(1) + squares.unsqueeze(0) - at::matmul(points, points.t()) * 2;
    return between.clamp_min(least_square).sqrt();
}

}  // namespace

at::Tensor triplet_loss(const at::Tensor& embeddings, const at::Tensor& labels, double margin)
{
    const auto distance = distances(embeddings);
    const auto same = at::eq(labels.unsqueeze(1), labels.unsqueeze(0));
    const auto itself = at::eye(labels.size(0), at::kBool);
    const auto positive = same.logical_and(itself.logical_not());
    const auto negative = same.logical_not();
    const auto has_both = positive.any(1).logical_and(negative.any(1));
    const auto farthest = distance.masked_fill(positive.logical_not(), 0).amax(1);
    const auto nearest = distance.masked_fill(same, 1e30).amin(1);
    const auto excess =
        (farthest - nearest + margin).clamp_min(0).masked_fill(has_both.logical_not(), 0);
    return excess.sum() / has_both.sum().clamp_min(1);
}

}  // namespace training
