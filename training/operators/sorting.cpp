#include "training/operators/families.hpp"

#include <ATen/ATen.h>

#include <tuple>

namespace training::families {
namespace {

// Of equal elements the one with the lower index comes first, so the sort is a stable one.
Outputs top_k(const Call& call)
{
    const auto& x = call.in(0);
    const auto axis = axis_of(call.integer("axis", -1), x.dim());
    const auto k = call.since() < 10 ? call.integer("k", 0) : call.integer_in(1);
    require(k >= 0 && k <= x.size(axis), "TopK of more than there is");
    const bool largest = call.integer("largest", 1) != 0;
    const auto [values, places] = at::sort(x, c10::optional<bool>{true}, axis, largest);
    return {values.narrow(axis, 0, k), places.narrow(axis, 0, k)};
}

Outputs cumulative_sum(const Call& call)
{
    const auto& x = call.in(0);
    const auto axis = axis_of(call.integer_in(1), x.dim());
    const bool reverse = call.integer("reverse", 0) != 0;
    auto result = reverse ? x.flip(axis) : x;
    const auto all = at::cumsum(result, axis, x.scalar_type());
    result = all;
    const auto size = all.size(axis);
    if (call.integer("exclusive", 0) != 0 && size != 0)
        result =
            at::cat({at::zeros_like(all.narrow(axis, 0, 1)), all.narrow(axis, 0, size - 1)}, axis);
    return one(reverse ? result.flip(axis) : result);
}

const Row rows_of_sorting[] = {
    {"TopK", 1, 11, Gradient::exact, top_k},
    {"CumSum", 11, 14, Gradient::exact, cumulative_sum},
    {"NonZero", 9, 13, Gradient::none, [](const Call& c) { return one(at::nonzero(c.in(0)).t()); }},
};

}  // namespace

std::span<const Row> sorting()
{
    return rows_of_sorting;
}

}  // namespace training::families
