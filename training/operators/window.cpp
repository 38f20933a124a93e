#include "training/operators/window.hpp"

#include <ATen/ATen.h>

#include <algorithm>

namespace training {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b)
{
    return (a + b - 1) / b;
}

// As many places as the strides give; what is missing for the last of them is padded.
void pad_same(Window& window, std::size_t i, std::int64_t input, bool more_after)
{
    window.result[i] = ceil_div(input, window.strides[i]);
    const auto missing = std::max<std::int64_t>(
        0, (window.result[i] - 1) * window.strides[i] + span_of(window, i) - input);
    const auto less = missing / 2;
    window.before[i] = more_after ? less : missing - less;
    window.after[i] = missing - window.before[i];
    window.counted_after[i] = window.after[i];
}

void count_places(Window& window, std::size_t i, std::int64_t input, bool round_up)
{
    const auto stride = window.strides[i];
    const auto length = input + window.before[i] + window.after[i];
    const auto room = length - span_of(window, i);
    require(room >= 0, "a window is larger than the image and its padding");
    auto places = (round_up ? ceil_div(room, stride) : room / stride) + 1;
    // A window that would begin in the padding at the end takes no place.
    if (round_up && (places - 1) * stride >= input + window.before[i]) --places;
    window.result[i] = places;
    const auto overhang = (places - 1) * stride + span_of(window, i) - length;
    window.after[i] += std::max<std::int64_t>(0, overhang);
}

}  // namespace

bool Window::padded() const
{
    const auto some = [](std::int64_t size) { return size != 0; };
    return std::ranges::any_of(before, some) || std::ranges::any_of(after, some);
}

Sizes spatial(const Call& call, std::string_view attribute, std::size_t rank,
              std::int64_t otherwise, std::int64_t least)
{
    auto sizes = call.integers(attribute);
    if (sizes.empty()) sizes.assign(rank, otherwise);
    require(sizes.size() == rank, "'" + std::string{attribute} + "' has " +
                                      std::to_string(sizes.size()) + " entries for " +
                                      std::to_string(rank) + " dimensions");
    for (const auto size : sizes)
        require(size >= least && size <= INT32_MAX,
                "'" + std::string{attribute} + "' contains " + std::to_string(size));
    return sizes;
}

std::int64_t span_of(const Window& window, std::size_t dimension)
{
    return (window.kernel[dimension] - 1) * window.dilations[dimension] + 1;
}

Window window_of(const Call& call, const Sizes& kernel)
{
    const auto& image = call.in(0);
    const auto rank = kernel.size();
    require(image.dim() == static_cast<std::int64_t>(rank) + 2,
            "a window of " + std::to_string(rank) + " dimensions over an image of " +
                std::to_string(image.dim() - 2));
    for (const auto size : kernel)
        require(size >= 1 && size <= INT32_MAX, "a kernel of size " + std::to_string(size));
    Window window;
    window.kernel = kernel;
    window.strides = spatial(call, "strides", rank, 1, 1);
    window.dilations = spatial(call, "dilations", rank, 1, 1);
    const auto pads = spatial(call, "pads", 2 * rank, 0, 0);
    const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(rank);
    window.before.assign(pads.begin(), middle);
    window.after.assign(middle, pads.end());
    window.result.assign(rank, 0);
    const auto rule = call.text("auto_pad", "NOTSET");
    const bool same = rule == "SAME_UPPER" || rule == "SAME_LOWER";
    require(same || rule == "VALID" || rule == "NOTSET" || rule.empty(), "auto_pad " + rule);
    if (rule == "VALID") {
        window.before.assign(rank, 0);
        window.after.assign(rank, 0);
    }
    window.counted_after = window.after;
    for (std::size_t i = 0; i < rank; ++i) {
        const auto input = image.size(static_cast<std::int64_t>(i) + 2);
        if (same)
            pad_same(window, i, input, rule == "SAME_UPPER");
        else
            count_places(window, i, input, call.integer("ceil_mode", 0) != 0);
    }
    return window;
}

at::Tensor padded(const at::Tensor& image, const Sizes& before, const Sizes& after, double value)
{
    Sizes pads;  // libtorch counts from the last dimension on
    for (auto i = before.size(); i-- > 0;) {
        pads.push_back(before[i]);
        pads.push_back(after[i]);
    }
    return at::constant_pad_nd(image, pads, value);
}

}  // namespace training
