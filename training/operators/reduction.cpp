#include "training/operators/families.hpp"

#include <ATen/ATen.h>

namespace training::families {
namespace {

struct Axes {
    Sizes axes;
    bool keep = true;
    bool nothing = false;  ///< no axis, and the model says that this means none rather than all
};

Axes axes_of_call(const Call& call)
{
    Axes found;
    const auto rank = call.in(0).dim();
    found.keep = call.integer("keepdims", 1) != 0;
    auto axes = call.has(1) ? call.integers_in(1) : call.integers("axes");
    found.axes = axes_of(std::move(axes), rank);
    if (!found.axes.empty()) return found;
    found.nothing = call.integer("noop_with_empty_axes", 0) != 0;
    for (std::int64_t axis = 0; axis < rank; ++axis) found.axes.push_back(axis);
    return found;
}

using Reduce = at::Tensor (*)(const at::Tensor&, const Axes&);

template <Reduce Apply>
Outputs reduced(const Call& call)
{
    const auto axes = axes_of_call(call);
    // A single number has no axis to reduce: libtorch wants one all the same.
    if (call.in(0).dim() == 0) return one(Apply(call.in(0).reshape({1}), {{0}, false}));
    return one(axes.nothing ? call.in(0) : Apply(call.in(0), axes));
}

at::Tensor sum(const at::Tensor& x, const Axes& to)
{
    return at::sum(x, to.axes, to.keep, x.scalar_type());
}

at::Tensor mean(const at::Tensor& x, const Axes& to)
{
    if (x.is_floating_point()) return at::mean(x, to.axes, to.keep);
    const auto total = at::sum(x, to.axes, to.keep, at::kLong);
    Sizes over;
    for (const auto axis : to.axes) over.push_back(x.size(axis));
    const auto count = product_of(over);
    require(count != 0, "the mean of nothing");
    return at::div(total, count, "trunc").to(x.scalar_type());
}

at::Tensor largest(const at::Tensor& x, const Axes& to)
{
    return at::amax(x, to.axes, to.keep);
}

at::Tensor smallest(const at::Tensor& x, const Axes& to)
{
    return at::amin(x, to.axes, to.keep);
}

at::Tensor product_over(const at::Tensor& x, const Axes& to)
{
    auto result = x;
    for (auto axis = to.axes.rbegin(); axis != to.axes.rend(); ++axis)
        result = at::prod(result, *axis, to.keep, x.scalar_type());
    return result;
}

at::Tensor sum_of_sizes(const at::Tensor& x, const Axes& to)
{
    return sum(x.abs(), to);
}

at::Tensor sum_of_squares(const at::Tensor& x, const Axes& to)
{
    return sum(x * x, to);
}

at::Tensor length(const at::Tensor& x, const Axes& to)
{
    if (x.is_floating_point()) return sum_of_squares(x, to).sqrt();
    return sum_of_squares(x.to(at::kDouble), to).sqrt().to(x.scalar_type());
}

at::Tensor log_of_sum(const at::Tensor& x, const Axes& to)
{
    if (x.is_floating_point()) return sum(x, to).log();
    return sum(x.to(at::kDouble), to).log().to(x.scalar_type());
}

at::Tensor log_of_sum_of_powers(const at::Tensor& x, const Axes& to)
{
    if (x.is_floating_point()) return at::logsumexp(x, to.axes, to.keep);
    return at::logsumexp(x.to(at::kDouble), to.axes, to.keep).to(x.scalar_type());
}

template <at::Tensor (*Find)(const at::Tensor&, c10::optional<std::int64_t>, bool)>
Outputs place_of(const Call& call)
{
    const auto& x = call.in(0);
    const auto axis = axis_of(call.integer("axis", 0), x.dim());
    const bool keep = call.integer("keepdims", 1) != 0;
    if (call.integer("select_last_index", 0) == 0) return one(Find(x, axis, keep));
    return one(x.size(axis) - 1 - Find(x.flip(axis), axis, keep));
}

const Row rows_of_reduction[] = {
    {"ReduceSum", 1, 13, Gradient::exact, reduced<sum>},
    {"ReduceMean", 1, 13, Gradient::exact, reduced<mean>},
    {"ReduceMax", 1, 13, Gradient::exact, reduced<largest>},
    {"ReduceMin", 1, 13, Gradient::exact, reduced<smallest>},
    {"ReduceProd", 1, 13, Gradient::exact, reduced<product_over>},
    {"ReduceL1", 1, 13, Gradient::exact, reduced<sum_of_sizes>},
    {"ReduceL2", 1, 13, Gradient::exact, reduced<length>},
    {"ReduceLogSum", 1, 13, Gradient::exact, reduced<log_of_sum>},
    {"ReduceLogSumExp", 1, 13, Gradient::exact, reduced<log_of_sum_of_powers>},
    {"ReduceSumSquare", 1, 13, Gradient::exact, reduced<sum_of_squares>},
    {"ArgMax", 1, 13, Gradient::none, place_of<at::argmax>},
    {"ArgMin", 1, 13, Gradient::none, place_of<at::argmin>},
};

}  // namespace

std::span<const Row> reduction()
{
    return rows_of_reduction;
}

}  // namespace training::families
