#include "training/operators/families.hpp"

#include <ATen/ATen.h>

namespace training::families {
namespace {

template <at::Tensor (at::Tensor::*Method)(const at::Tensor&) const>
Outputs between(const Call& call)
{
    return one((call.in(0).*Method)(call.in(1)));
}

Outputs is_infinite(const Call& call)
{
    const auto& x = call.in(0);
    auto found = at::zeros_like(x, at::kBool);
    if (call.integer("detect_positive", 1) != 0) found = at::logical_or(found, at::isposinf(x));
    if (call.integer("detect_negative", 1) != 0) found = at::logical_or(found, at::isneginf(x));
    return one(found);
}

const Row rows_of_comparison[] = {
    {"Equal", 7, 13, Gradient::none, between<&at::Tensor::eq>},
    {"Greater", 7, 13, Gradient::none, between<&at::Tensor::gt>},
    {"Less", 7, 13, Gradient::none, between<&at::Tensor::lt>},
    {"GreaterOrEqual", 12, 16, Gradient::none, between<&at::Tensor::ge>},
    {"LessOrEqual", 12, 16, Gradient::none, between<&at::Tensor::le>},
    {"And", 7, 7, Gradient::none, between<&at::Tensor::logical_and>},
    {"Or", 7, 7, Gradient::none, between<&at::Tensor::logical_or>},
    {"Xor", 7, 7, Gradient::none, between<&at::Tensor::logical_xor>},
    {"Not", 1, 1, Gradient::none, [](const Call& c) { return one(at::logical_not(c.in(0))); }},
    {"IsNaN", 9, 13, Gradient::none, [](const Call& c) { return one(at::isnan(c.in(0))); }},
    {"IsInf", 10, 10, Gradient::none, is_infinite},
    {"Where", 9, 16, Gradient::exact,
     [](const Call& c) { return one(at::where(c.in(0), c.in(1), c.in(2))); }},
};

}  // namespace

std::span<const Row> comparison()
{
    return rows_of_comparison;
}

}  // namespace training::families
