#include "training/operators/families.hpp"

#include <ATen/ATen.h>

#include <functional>

namespace training::families {
namespace {

// Before version 13 the dimensions from the axis on count as one.
template <class Function>
Outputs along_axis(const Call& call, Function apply)
{
    const auto& x = call.in(0);
    if (call.since() >= 13) return one(apply(x, axis_of(call.integer("axis", -1), x.dim())));
    const auto axis = axis_of(call.integer("axis", 1), x.dim());
    const auto sizes = x.sizes();
    const auto rows = product_of(sizes.slice(0, static_cast<std::size_t>(axis)));
    const auto flat = x.reshape({rows, rows == 0 ? 0 : x.numel() / rows});
    return one(apply(flat, 1).reshape(sizes));
}

Outputs softmax_of(const Call& call)
{
    return along_axis(call,
                      [](const at::Tensor& x, std::int64_t axis) { return at::softmax(x, axis); });
}

Outputs log_softmax_of(const Call& call)
{
    return along_axis(
        call, [](const at::Tensor& x, std::int64_t axis) { return at::log_softmax(x, axis); });
}

Outputs hardmax_of(const Call& call)
{
    return along_axis(call, [](const at::Tensor& x, std::int64_t axis) {
        return at::zeros_like(x).scatter(axis, at::argmax(x, axis, true), 1);
    });
}

const Row rows_of_softmax[] = {
    {"Softmax", 1, 13, Gradient::exact, softmax_of},
    {"LogSoftmax", 1, 13, Gradient::exact, log_softmax_of},
    {"Hardmax", 1, 13, Gradient::none, hardmax_of},
};

}  // namespace

std::span<const Row> softmax()
{
    return rows_of_softmax;
}

}  // namespace training::families
