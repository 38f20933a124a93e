#include "training/operators/families.hpp"
#include "training/operators/window.hpp"

#include <ATen/ATen.h>

#include <limits>
#include <tuple>

namespace training::families {
namespace {

Window pooling_window(const Call& call)
{
    const auto kernel = call.integers("kernel_shape");
    require(!kernel.empty(), "kernel_shape is missing");
    if (kernel.size() > 3) unsupported("pooling over more than 3 dimensions");
    return window_of(call, kernel);
}

// libtorch pools over one dimension as over two, the first of which has one row.
void add_row(Window& window)
{
    for (auto* sizes : {&window.kernel, &window.strides, &window.dilations})
        sizes->insert(sizes->begin(), 1);
}

// From places in the padded image of a channel to places in the whole tensor.
at::Tensor onnx_indices(const Call& call, const Window& window, at::Tensor inside)
{
    const auto& image = call.in(0);
    const bool columns_first = call.integer("storage_order", 0) != 0;
    auto place = at::zeros_like(inside);
    std::int64_t step = 1;
    std::vector<at::Tensor> coordinates(window.rank());
    for (auto i = window.rank(); i-- > 0;) {
        const auto length =
            image.size(static_cast<std::int64_t>(i) + 2) + window.before[i] + window.after[i];
        coordinates[i] = at::remainder(inside, length) - window.before[i];
        inside = at::div(inside, length, "floor");
    }
    for (std::size_t k = 0; k < window.rank(); ++k) {
        const auto i = columns_first ? k : window.rank() - 1 - k;
        place = place + coordinates[i] * step;
        step *= image.size(static_cast<std::int64_t>(i) + 2);
    }
    Sizes channels(window.rank() + 2, 1);
    channels[0] = image.size(0);
    channels[1] = image.size(1);
    return place + at::arange(channels[0] * channels[1], at::kLong).view(channels) * step;
}

Outputs max_pool(const Call& call)
{
    auto window = pooling_window(call);
    const auto type = call.in(0).scalar_type();
    const auto floats = call.in(0).is_floating_point() ? call.in(0) : call.in(0).to(at::kFloat);
    const auto image = window.padded() ? padded(floats, window.before, window.after,
                                                -std::numeric_limits<double>::infinity())
                                       : floats;
    const auto shape = window;
    at::Tensor found;
    at::Tensor indices;
    if (window.rank() == 3) {
        std::tie(found, indices) = at::max_pool3d_with_indices(image, window.kernel, window.strides,
                                                               Sizes(3, 0), window.dilations);
    } else {
        const bool line = window.rank() == 1;
        if (line) add_row(window);
        std::tie(found, indices) =
            at::max_pool2d_with_indices(line ? image.unsqueeze(2) : image, window.kernel,
                                        window.strides, Sizes(2, 0), window.dilations);
        if (line) {
            found = found.squeeze(2);
            indices = indices.squeeze(2);
        }
    }
    found = found.to(type);
    if (!call.wants(1)) return one(found);
    return {found, onnx_indices(call, shape, indices)};
}

// The sum of each window, for images without padding of their own.
at::Tensor window_sums(const at::Tensor& image, Window window)
{
    if (window.rank() == 3)
        return at::avg_pool3d(image, window.kernel, window.strides, Sizes(3, 0), false, true, 1);
    const bool line = window.rank() == 1;
    if (line) add_row(window);
    const auto sums = at::avg_pool2d(line ? image.unsqueeze(2) : image, window.kernel,
                                     window.strides, Sizes(2, 0), false, true, 1);
    return line ? sums.squeeze(2) : sums;
}

Outputs average_pool(const Call& call)
{
    const auto window = pooling_window(call);
    const auto& image = call.in(0);
    if (!window.padded()) {
        double elements = 1;
        for (const auto size : window.kernel) elements *= static_cast<double>(size);
        return one(window_sums(image, window) / elements);
    }
    // Elements that count, in each window: the image, and the padding where the model says so.
    Sizes ones{1, 1};
    for (std::size_t i = 0; i < window.rank(); ++i)
        ones.push_back(image.size(static_cast<std::int64_t>(i) + 2));
    auto counted = at::ones(ones, image.options());
    auto added_before = window.before;
    auto added_after = window.after;
    if (call.integer("count_include_pad", 0) != 0) {
        counted = padded(counted, window.before, window.counted_after, 1);
        added_before.assign(window.rank(), 0);
        for (std::size_t i = 0; i < window.rank(); ++i) added_after[i] -= window.counted_after[i];
    }
    counted = padded(counted, added_before, added_after, 0);
    const auto sums = window_sums(padded(image, window.before, window.after, 0), window);
    return one(sums / window_sums(counted, window));
}

Outputs lp_pool(const Call& call)
{
    const auto window = pooling_window(call);
    const auto p = static_cast<double>(call.integer("p", 2));
    require(p > 0, "p is not above 0");
    const auto image =
        window.padded() ? padded(call.in(0), window.before, window.after, 0) : call.in(0);
    return one(window_sums(image.abs().pow(p), window).pow(1 / p));
}

Sizes spatial_axes(const Call& call)
{
    require(call.in(0).dim() >= 2, "an image without channels");
    Sizes axes;
    for (std::int64_t i = 2; i < call.in(0).dim(); ++i) axes.push_back(i);
    return axes;
}

Outputs global_average_pool(const Call& call)
{
    const auto axes = spatial_axes(call);
    return one(axes.empty() ? call.in(0) : at::mean(call.in(0), axes, true));
}

Outputs global_max_pool(const Call& call)
{
    const auto axes = spatial_axes(call);
    return one(axes.empty() ? call.in(0) : at::amax(call.in(0), axes, true));
}

Outputs global_lp_pool(const Call& call)
{
    const auto axes = spatial_axes(call);
    const auto p = static_cast<double>(call.integer("p", 2));
    require(p > 0, "p is not above 0");
    const auto powers = call.in(0).abs().pow(p);
    return one((axes.empty() ? powers : at::sum(powers, axes, true)).pow(1 / p));
}

const Row rows_of_pooling[] = {
    {"MaxPool", 1, 12, Gradient::exact, max_pool, "1 to 3 spatial dimensions"},
    {"AveragePool", 7, 11, Gradient::exact, average_pool, "1 to 3 spatial dimensions"},
    {"LpPool", 2, 11, Gradient::exact, lp_pool, "1 to 3 spatial dimensions"},
    {"GlobalAveragePool", 1, 1, Gradient::exact, global_average_pool},
    {"GlobalMaxPool", 1, 1, Gradient::exact, global_max_pool},
    {"GlobalLpPool", 2, 2, Gradient::exact, global_lp_pool},
};

}  // namespace

std::span<const Row> pooling()
{
    return rows_of_pooling;
}

}  // namespace training::families
