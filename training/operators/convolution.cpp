#include "training/operators/families.hpp"
#include "training/operators/window.hpp"

#include <ATen/ATen.h>

#include <algorithm>

namespace training::families {
namespace {

c10::optional<at::Tensor> bias_of(const Call& call)
{
    if (!call.has(2)) return {};
    return call.in(2);
}

std::int64_t groups_of(const Call& call)
{
    const auto groups = call.integer("group", 1);
    require(groups >= 1, "convolution in " + std::to_string(groups) + " groups");
    return groups;
}

Sizes kernel_of(const Call& call)
{
    const auto& weight = call.in(1);
    require(weight.dim() >= 3 && weight.dim() <= 5, "a kernel of other than 1 to 3 dimensions");
    const auto sizes = sizes_of(weight);
    const Sizes kernel{sizes.begin() + 2, sizes.end()};
    const auto said = call.integers("kernel_shape");
    require(said.empty() || said == kernel, "kernel_shape is not the weights' own");
    return kernel;
}

Outputs convolve(const Call& call)
{
    auto window = window_of(call, kernel_of(call));
    auto image = call.in(0);
    if (!window.symmetric()) {
        image = padded(image, window.before, window.after, 0);
        window.before.assign(window.rank(), 0);
    }
    return one(at::convolution(image, call.in(1), bias_of(call), window.strides, window.before,
                               window.dilations, false, Sizes(window.rank(), 0), groups_of(call)));
}

struct Cut {
    Sizes before;
    Sizes after;  ///< below 0: that much is added instead
};

// What is cut off the whole result of a transposed convolution.
Cut cut_of(const Call& call, const Window& window, const Sizes& extra)
{
    Cut cut{window.before, window.after};
    const auto wanted = call.integers("output_shape");
    const auto rule = call.text("auto_pad", "NOTSET");
    const bool same = rule == "SAME_UPPER" || rule == "SAME_LOWER";
    require(wanted.empty() || wanted.size() >= window.rank(), "output_shape is too short");
    for (std::size_t i = 0; i < window.rank(); ++i) {
        const auto input = call.in(0).size(static_cast<std::int64_t>(i) + 2);
        const auto whole = window.strides[i] * (input - 1) + span_of(window, i) + extra[i];
        if (!wanted.empty() || same) {
            const auto size = wanted.empty() ? input * window.strides[i]
                                             : wanted[wanted.size() - window.rank() + i];
            require(size >= 0 && size <= INT32_MAX, "an output_shape of " + std::to_string(size));
            const auto total = std::max<std::int64_t>(0, whole - size);
            cut.before[i] = rule == "SAME_UPPER" ? total / 2 : total - total / 2;
            cut.after[i] = whole - size - cut.before[i];
        }
        cut.after[i] -= extra[i];
        require(whole - extra[i] - cut.before[i] - cut.after[i] >= 0,
                "nothing is left of the result");
    }
    return cut;
}

Outputs convolve_transposed(const Call& call)
{
    const auto kernel = kernel_of(call);
    const auto rank = kernel.size();
    require(call.in(0).dim() == call.in(1).dim(), "image and kernel have other dimensions");
    Window window;
    window.kernel = kernel;
    window.strides = spatial(call, "strides", rank, 1, 1);
    window.dilations = spatial(call, "dilations", rank, 1, 1);
    const auto pads = spatial(call, "pads", 2 * rank, 0, 0);
    window.before.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(rank));
    window.after.assign(pads.begin() + static_cast<std::ptrdiff_t>(rank), pads.end());
    const auto extra = spatial(call, "output_padding", rank, 0, 0);
    const auto cut = cut_of(call, window, extra);
    const auto group = groups_of(call);
    const Sizes none(rank, 0);
    if (cut.before == cut.after &&
        std::ranges::all_of(cut.before, [](auto size) { return size >= 0; }))
        return one(at::convolution(call.in(0), call.in(1), bias_of(call), window.strides,
                                   cut.before, window.dilations, true, none, group));
    auto whole = at::convolution(call.in(0), call.in(1), {}, window.strides, none, window.dilations,
                                 true, none, group);
    Sizes before = cut.before;
    Sizes after = cut.after;
    for (auto* sizes : {&before, &after})
        for (auto& size : *sizes) size = -size;
    whole = padded(whole, before, after, 0);
    if (!call.has(2)) return one(whole);
    Sizes channels(rank + 2, 1);
    channels[1] = -1;
    return one(whole + call.in(2).view(channels));
}

const Row rows_of_convolution[] = {
    {"Conv", 1, 11, Gradient::exact, convolve, "1 to 3 spatial dimensions"},
    {"ConvTranspose", 1, 11, Gradient::exact, convolve_transposed, "1 to 3 spatial dimensions"},
};

}  // namespace

std::span<const Row> convolution()
{
    return rows_of_convolution;
}

}  // namespace training::families
