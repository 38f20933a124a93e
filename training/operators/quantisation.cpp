#include "training/operators/families.hpp"
#include "training/operators/window.hpp"

#include <ATen/ATen.h>

#include <algorithm>

namespace training::families {
namespace {

// One number for all, or one for each place along the axis.
at::Tensor along(const at::Tensor& numbers, const at::Tensor& x, std::int64_t axis)
{
    if (numbers.numel() == 1) return numbers.reshape({});
    axis = axis_of(axis, x.dim());
    require(numbers.dim() == 1 && numbers.size(0) == x.size(axis),
            "as many scales and zero points as places along the axis");
    Sizes view(static_cast<std::size_t>(x.dim()), 1);
    view[static_cast<std::size_t>(axis)] = -1;
    return numbers.view(view);
}

struct Span {
    double least, most;
};

Span span_of_type(at::ScalarType type)
{
    if (type == at::kByte) return {0, 255};
    if (type == at::kChar) return {-128, 127};
    unsupported("quantised numbers of other than 8 bits");
}

at::Tensor saturated(const at::Tensor& rounded, at::ScalarType type)
{
    const auto span = span_of_type(type);
    return at::clamp(rounded, span.least, span.most).to(type);
}

Outputs quantise(const Call& call)
{
    const auto x = call.in(0).is_floating_point() ? call.in(0) : call.in(0).to(at::kFloat);
    const auto axis = call.integer("axis", 1);
    const auto type = call.has(2) ? call.in(2).scalar_type() : at::kByte;
    const auto scale = along(call.in(1), x, axis).to(x.scalar_type());
    const auto zero =
        call.has(2) ? along(call.in(2), x, axis).to(x.scalar_type()) : at::zeros({}, x.options());
    const auto places = x / scale;
    const auto whole = saturated(at::round(places.detach()) + zero, type);
    if (!places.requires_grad()) return one(whole);
    // Rounding is passed as if it were not there, and nothing passes where the range ends.
    const auto span = span_of_type(type);
    const auto line = at::clamp(places + zero, span.least, span.most);
    return {whole, whole.to(x.scalar_type()) + (line - line.detach())};
}

Outputs dequantise(const Call& call)
{
    const auto axis = call.integer("axis", 1);
    const auto& scale = call.in(1);
    const auto x = call.carried().defined() ? call.carried() : call.in(0).to(scale.scalar_type());
    const auto factor = along(scale, x, axis);
    if (!call.has(2)) return one(x * factor);
    return one((x - along(call.in(2), x, axis).to(scale.scalar_type())) * factor);
}

Outputs quantise_dynamically(const Call& call)
{
    const auto& x = call.in(0);
    const auto most = at::clamp_min(x.max(), 0);
    const auto least = at::clamp_max(x.min(), 0);
    auto scale = (most - least) / 255;
    scale = at::where(at::eq(scale, 0), at::ones_like(scale), scale);
    const auto zero = at::clamp(at::round(-least / scale), 0, 255);
    return {saturated(at::round(x / scale) + zero, at::kByte), scale, zero.to(at::kByte)};
}

// Sums of products of 8-bit numbers fit into the 53 bits of a double exactly.
at::Tensor shifted(const Call& call, std::size_t input, std::size_t zero, bool by_row)
{
    const auto x = call.in(input).to(at::kDouble);
    if (!call.has(zero)) return x;
    const auto shift = call.in(zero).to(at::kDouble);
    return x - (by_row && shift.dim() == 1 && shift.numel() > 1 ? shift.unsqueeze(1) : shift);
}

Outputs multiply_integers(const Call& call)
{
    return one(at::matmul(shifted(call, 0, 2, true), shifted(call, 1, 3, false)).to(at::kInt));
}

at::Tensor requantised(const at::Tensor& sums, const at::Tensor& factor, const Call& call,
                       std::size_t zero)
{
    const auto rounded = at::round((sums * factor).to(at::kFloat));
    return saturated(rounded + call.in(zero).to(at::kFloat), call.in(zero).scalar_type());
}

Outputs multiply_quantised(const Call& call)
{
    const auto sums = at::matmul(shifted(call, 0, 2, true), shifted(call, 3, 5, false));
    const auto rows =
        call.in(1).dim() == 1 && call.in(1).numel() > 1 ? call.in(1).unsqueeze(1) : call.in(1);
    const auto factor =
        rows.to(at::kDouble) * call.in(4).to(at::kDouble) / call.in(6).to(at::kDouble);
    return one(requantised(sums, factor, call, 7));
}

at::Tensor integer_convolution(const Call& call, const at::Tensor& image, const at::Tensor& kernels)
{
    const auto sizes = sizes_of(kernels);
    require(sizes.size() >= 3 && sizes.size() <= 5, "a kernel of other than 1 to 3 dimensions");
    const auto window = window_of(call, {sizes.begin() + 2, sizes.end()});
    const auto wide = padded(image, window.before, window.after, 0);
    const Sizes none(window.rank(), 0);
    const auto groups = call.integer("group", 1);
    require(groups >= 1, "convolution in " + std::to_string(groups) + " groups");
    return at::convolution(wide, kernels, {}, window.strides, none, window.dilations, false, none,
                           groups);
}

at::Tensor by_output_channel(const at::Tensor& numbers, const at::Tensor& kernels)
{
    const auto wide = numbers.to(at::kDouble);
    if (wide.numel() == 1) return wide.reshape({});
    Sizes view(static_cast<std::size_t>(kernels.dim()), 1);
    view[0] = -1;
    return wide.view(view);
}

Outputs convolve_integers(const Call& call)
{
    auto kernels = call.in(1).to(at::kDouble);
    if (call.has(3)) kernels = kernels - by_output_channel(call.in(3), kernels);
    return one(integer_convolution(call, shifted(call, 0, 2, false), kernels).to(at::kInt));
}

Outputs convolve_quantised(const Call& call)
{
    const auto kernels = call.in(3).to(at::kDouble) - by_output_channel(call.in(5), call.in(3));
    auto sums = integer_convolution(call, shifted(call, 0, 2, false), kernels);
    Sizes channels(static_cast<std::size_t>(sums.dim()), 1);
    channels[1] = -1;
    if (call.has(8)) sums = sums + call.in(8).to(at::kDouble).view(channels);
    auto factor =
        call.in(4).to(at::kDouble) * call.in(1).to(at::kDouble) / call.in(6).to(at::kDouble);
    if (factor.numel() > 1) factor = factor.view(channels);
    return one(requantised(sums, factor, call, 7));
}

const Row rows_of_quantisation[] = {
    {.name = "QuantizeLinear",
     .first = 10,
     .last = 13,
     .gradient = Gradient::straight_through,
     .function = quantise,
     .limits = "8 bits only",
     .settings_from = 1},
    {.name = "DequantizeLinear",
     .first = 10,
     .last = 13,
     .gradient = Gradient::straight_through,
     .function = dequantise,
     .settings_from = 1},
    {"DynamicQuantizeLinear", 11, 11, Gradient::none, quantise_dynamically},
    {"MatMulInteger", 10, 10, Gradient::none, multiply_integers},
    {"ConvInteger", 10, 10, Gradient::none, convolve_integers},
    {"QLinearMatMul", 10, 10, Gradient::none, multiply_quantised},
    {"QLinearConv", 10, 10, Gradient::none, convolve_quantised},
};

}  // namespace

std::span<const Row> quantisation()
{
    return rows_of_quantisation;
}

}  // namespace training::families
