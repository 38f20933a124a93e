#include "training/operators/families.hpp"

#include <ATen/ATen.h>

#include <algorithm>

namespace training::families {
namespace {

// All dimensions but that of the channels.
Sizes axes_beside_channels(const at::Tensor& x)
{
    Sizes axes{0};
    for (std::int64_t i = 2; i < x.dim(); ++i) axes.push_back(i);
    return axes;
}

// libtorch's own passes no gradient to mean and variance.
at::Tensor normalised_by_parts(const Call& call, double epsilon)
{
    Sizes channels(static_cast<std::size_t>(call.in(0).dim()), 1);
    channels[1] = -1;
    const auto part = [&](std::size_t input) { return call.in(input).view(channels); };
    return (call.in(0) - part(3)) * at::rsqrt(part(4) + epsilon) * part(1) + part(2);
}

Outputs batch_normalisation(const Call& call)
{
    const auto& x = call.in(0);
    require(x.dim() >= 2, "BatchNormalization without channels");
    if (call.since() < 9 && call.integer("spatial", 1) == 0)
        unsupported("BatchNormalization with a mean for each pixel (spatial = 0)");
    const auto epsilon = call.number("epsilon", 1e-5);
    const auto momentum = call.number("momentum", 0.9);
    if (call.learns()) {
        if (call.wants(1)) unsupported("BatchNormalization with several outputs, in training");
        // One value has no variance: libtorch would divide by zero.
        if (x.numel() <= x.size(1))
            return one(at::batch_norm(x, call.in(1), call.in(2), call.in(3), call.in(4), false, 0,
                                      epsilon, false));
        // The running mean and variance move in place.
        return one(at::batch_norm(x, call.in(1), call.in(2), call.in(3), call.in(4), true,
                                  1 - momentum, epsilon, false));
    }
    const bool by_batch = call.since() >= 14 && call.integer("training_mode", 0) != 0;
    if (!by_batch) {
        if (call.wants(1)) unsupported("BatchNormalization with several outputs before version 14");
        if (call.in(3).requires_grad() || call.in(4).requires_grad())
            return one(normalised_by_parts(call, epsilon));
        return one(at::batch_norm(x, call.in(1), call.in(2), call.in(3), call.in(4), false, 0,
                                  epsilon, false));
    }
    const auto axes = axes_beside_channels(x);
    Outputs outputs{at::batch_norm(x, call.in(1), call.in(2), {}, {}, true, 0, epsilon, false)};
    const auto next = [&](const at::Tensor& before, const at::Tensor& now) {
        return before * momentum + now * (1 - momentum);
    };
    outputs.push_back(next(call.in(3), at::mean(x, axes)));
    outputs.push_back(next(call.in(4), at::var(x, axes, false)));
    return outputs;
}

Outputs instance_normalisation(const Call& call)
{
    return one(at::instance_norm(call.in(0), call.in(1), call.in(2), {}, {}, true, 0,
                                 call.number("epsilon", 1e-5), false));
}

Outputs layer_normalisation(const Call& call)
{
    const auto& x = call.in(0);
    const auto axis = axis_of(call.integer("axis", -1), x.dim());
    const auto epsilon = call.number("epsilon", 1e-5);
    const Sizes inner{x.sizes().begin() + axis, x.sizes().end()};
    const bool only_result = !call.wants(1) && !call.wants(2);
    if (only_result && call.in(1).sizes() == at::IntArrayRef{inner} &&
        (!call.has(2) || call.in(2).sizes() == at::IntArrayRef{inner})) {
        const auto bias = call.has(2) ? call.in(2) : at::Tensor{};
        return one(at::layer_norm(x, inner, call.in(1), bias, epsilon, false));
    }
    Sizes axes;
    for (auto i = axis; i < x.dim(); ++i) axes.push_back(i);
    const auto mean = at::mean(x, axes, true);
    const auto centred = x - mean;
    const auto inverse = at::rsqrt(at::mean(centred * centred, axes, true) + epsilon);
    auto result = centred * inverse * call.in(1);
    if (call.has(2)) result = result + call.in(2);
    return {result, mean, inverse};
}

Outputs local_response_normalisation(const Call& call)
{
    const auto& x = call.in(0);
    const auto size = call.integer("size", 0);
    require(x.dim() >= 3 && size >= 1, "LRN needs channels and a size");
    const auto before = (size - 1) / 2;
    Sizes pads(2 * static_cast<std::size_t>(x.dim() - 1), 0);
    pads[pads.size() - 2] = before;
    pads[pads.size() - 1] = size - 1 - before;
    const auto sums = at::constant_pad_nd(x * x, pads, 0).unfold(1, size, 1).sum(-1);
    const auto scale =
        sums * (call.number("alpha", 1e-4) / static_cast<double>(size)) + call.number("bias", 1);
    return one(x / scale.pow(call.number("beta", 0.75)));
}

Outputs mean_variance_normalisation(const Call& call)
{
    const auto& x = call.in(0);
    auto axes = call.integers("axes");
    if (!call.says("axes")) axes = {0, 2, 3};
    axes = axes_of(axes, x.dim());
    const auto centred = x - at::mean(x, axes, true);
    const auto deviation = at::mean(centred * centred, axes, true).sqrt();
    return one(centred / (deviation + 1e-9));
}

Outputs lp_normalisation(const Call& call)
{
    const auto& x = call.in(0);
    const auto axis = axis_of(call.integer("axis", -1), x.dim());
    const auto p = call.integer("p", 2);
    require(p == 1 || p == 2, "LpNormalization with p other than 1 and 2");
    const auto norm = p == 1 ? x.abs().sum(axis, true) : (x * x).sum(axis, true).sqrt();
    return one(x / norm.masked_fill(at::eq(norm, 0), 1));
}

const Row rows_of_normalisation[] = {
    {.name = "BatchNormalization",
     .first = 7,
     .last = 15,
     .function = batch_normalisation,
     .limits = "spatial = 0 is not",
     .settings_from = 3},
    {"InstanceNormalization", 6, 6, Gradient::exact, instance_normalisation},
    {"LayerNormalization", 17, 17, Gradient::exact, layer_normalisation},
    {"LRN", 1, 13, Gradient::exact, local_response_normalisation},
    {"MeanVarianceNormalization", 9, 13, Gradient::exact, mean_variance_normalisation},
    {"LpNormalization", 1, 1, Gradient::exact, lp_normalisation},
};

}  // namespace

std::span<const Row> normalisation()
{
    return rows_of_normalisation;
}

}  // namespace training::families
