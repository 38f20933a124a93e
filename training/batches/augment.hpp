#pragma once

#include "training/recipe/recipe.hpp"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

namespace training {

/// Whether anything is changed at all.
bool augments(const AugmentOptions& options);

/// The samples of an FP32 input, changed, each by draws that follow from its seed. Pictures are
/// [n,c,h,w] or [n,h,w,c] with 1, 3 or 4 channels, signals [n,c,t]; other shapes get gain, offset
/// and noise alone. What comes into a picture from outside is its border, repeated; what is erased
/// becomes the sample's mean. One seed for each sample.
at::Tensor augmented(const at::Tensor& input, const AugmentOptions& options,
                     std::span<const std::uint64_t> seeds);

}  // namespace training
