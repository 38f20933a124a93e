#pragma once

#include "training/operators/operator.hpp"

namespace training {

/// A window that slides over the spatial dimensions of an image, one entry for each of them.
struct Window {
    Sizes kernel;
    Sizes strides;
    Sizes dilations;
    Sizes before;         ///< padding at the beginning
    Sizes after;          ///< and at the end; also what rounding up adds there
    Sizes counted_after;  ///< of that, what is padding by the model's word
    Sizes result;         ///< how many places it takes

    std::size_t rank() const { return kernel.size(); }
    bool padded() const;
    bool symmetric() const { return before == after; }
};

/// The attribute, or `otherwise` for each of `rank` dimensions; refuses other lengths and values
/// below `least`.
Sizes spatial(const Call& call, std::string_view attribute, std::size_t rank,
              std::int64_t otherwise, std::int64_t least);

/// Strides, dilations, pads, auto_pad and ceil_mode of a node whose windows have the size `kernel`,
/// over an input [N, C, spatial...].
Window window_of(const Call& call, const Sizes& kernel);

/// How much of the input one window spans.
std::int64_t span_of(const Window& window, std::size_t dimension);

/// `image` with `before` and `after` around its spatial dimensions, filled with `value`.
at::Tensor padded(const at::Tensor& image, const Sizes& before, const Sizes& after, double value);

}  // namespace training
