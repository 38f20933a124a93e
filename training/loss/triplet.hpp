#pragma once

#include <ATen/core/Tensor.h>

namespace training {

/// The mean, over samples that have both, of how much farther than the nearest of another class,
/// less `margin`, the farthest of the same class is; 0 where it is not (batch-hard triplets:
/// Hermans, Beyer, Leibe 2017). `embeddings` [n, d], `labels` int64 [n]. 0, with a gradient of 0,
/// where no sample has both.
at::Tensor triplet_loss(const at::Tensor& embeddings, const at::Tensor& labels, double margin);

}  // namespace training
