#include "training/operators/families.hpp"
#include "training/operators/tensors.hpp"

#include <ATen/ATen.h>

#include <cmath>

namespace training::families {
namespace {

Outputs constant(const Call& call)
{
    if (call.says("value")) return one(to_torch(call.tensor("value")));
    if (call.says("value_float"))
        return one(at::scalar_tensor(call.number("value_float", 0), at::kFloat));
    if (call.says("value_int"))
        return one(at::scalar_tensor(call.integer("value_int", 0), at::kLong));
    if (call.says("value_floats"))
        return one(at::tensor(at::ArrayRef<float>{call.numbers("value_floats")}, at::kFloat));
    if (call.says("value_ints"))
        return one(at::tensor(at::IntArrayRef{call.integers("value_ints")}, at::kLong));
    unsupported("a Constant of strings, or a sparse one");
}

Outputs constant_of_shape(const Call& call)
{
    const auto sizes = call.integers_in(0);
    if (!call.says("value")) return one(at::zeros(sizes, at::kFloat));
    const auto value = to_torch(call.tensor("value"));
    require(value.numel() == 1, "ConstantOfShape takes one value");
    return one(value.reshape({}).expand(sizes).contiguous());
}

Outputs range(const Call& call)
{
    const auto type = call.in(0).scalar_type();
    if (!call.in(0).is_floating_point()) {
        const auto start = call.integer_in(0);
        const auto limit = call.integer_in(1);
        const auto step = call.integer_in(2);
        require(step != 0, "Range with a step of 0");
        if (step > 0 ? start >= limit : start <= limit) return one(at::empty({0}, type));
        return one(at::arange(start, limit, step, type));
    }
    const auto start = call.number_in(0);
    const auto step = call.number_in(2);
    const auto count = std::ceil((call.number_in(1) - start) / step);
    require(std::isfinite(count) && std::abs(count) < 1e15, "Range without an end");
    const auto places = at::arange(std::max(count, 0.0), at::kDouble);
    return one((places * step + start).to(type));
}

Outputs eye_like(const Call& call)
{
    const auto& x = call.in(0);
    require(x.dim() == 2, "EyeLike of what is not a matrix");
    const auto type =
        call.says("dtype") ? scalar_type_numbered(call.integer("dtype", 0)) : x.scalar_type();
    const auto k = call.integer("k", 0);
    const auto rows = at::arange(x.size(0), at::kLong).unsqueeze(1);
    const auto columns = at::arange(x.size(1), at::kLong).unsqueeze(0);
    return one(at::eq(columns - rows, k).to(type));
}

Outputs triangle(const Call& call)
{
    const auto& x = call.in(0);
    require(x.dim() >= 2, "Trilu of what is not a matrix");
    const auto k = call.has(1) ? call.integer_in(1) : 0;
    const auto rows = at::arange(x.size(-2), at::kLong).unsqueeze(1);
    const auto columns = at::arange(x.size(-1), at::kLong).unsqueeze(0);
    const bool upper = call.integer("upper", 1) != 0;
    const auto kept = upper ? at::ge(columns - rows, k) : at::le(columns - rows, k);
    return one(x.masked_fill(at::logical_not(kept), 0));
}

Outputs one_hot(const Call& call)
{
    const auto depth = call.in(1).to(at::kLong);
    require(depth.numel() == 1, "OneHot with several depths");
    const auto classes = depth.item<std::int64_t>();
    require(classes >= 1, "OneHot with depth " + std::to_string(classes));
    auto indices = call.in(0).to(at::kLong);
    indices = at::where(at::lt(indices, 0), indices + classes, indices);
    const auto axis = axis_of(call.integer("axis", -1), indices.dim() + 1);
    Sizes along(static_cast<std::size_t>(indices.dim()) + 1, 1);
    along[static_cast<std::size_t>(axis)] = classes;
    const auto hot = at::eq(indices.unsqueeze(axis), at::arange(classes, at::kLong).view(along));
    const auto& values = call.in(2);
    require(values.numel() == 2, "OneHot takes two values");
    return one(at::where(hot, values.reshape({2}).select(0, 1), values.reshape({2}).select(0, 0)));
}

const Row rows_of_generation[] = {
    {.name = "Constant",
     .gradient = Gradient::none,
     .function = constant,
     .limits = "no strings, not sparse",
     .own_types = true},
    {.name = "ConstantOfShape",
     .first = 9,
     .gradient = Gradient::none,
     .function = constant_of_shape,
     .own_types = true},
    {"Range", 11, 11, Gradient::none, range},
    {.name = "EyeLike",
     .first = 9,
     .gradient = Gradient::none,
     .function = eye_like,
     .own_types = true},
    {"Trilu", 14, 14, Gradient::exact, triangle},
    {.name = "OneHot", .first = 9, .last = 11, .gradient = Gradient::exact, .function = one_hot},
};

}  // namespace

std::span<const Row> generation()
{
    return rows_of_generation;
}

}  // namespace training::families
