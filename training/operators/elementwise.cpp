#include "training/operators/families.hpp"

#include <ATen/ATen.h>

namespace training::families {
namespace {

template <at::Tensor (at::Tensor::*Method)() const>
Outputs each(const Call& call)
{
    return one((call.in(0).*Method)());
}

at::Tensor is_minus_one(const at::Tensor& divisor)
{
    return at::eq(divisor, -1);
}

// The smallest integer divided by -1 is no integer: the processor would stop the program.
at::Tensor integer_quotient(const at::Tensor& a, const at::Tensor& b)
{
    const auto negates = is_minus_one(b);
    return at::where(negates, a.neg(), at::div(a, b.masked_fill(negates, 1), "trunc"));
}

Outputs divide(const Call& call)
{
    const auto& a = call.in(0);
    const auto& b = call.in(1);
    if (a.is_floating_point()) return one(at::div(a, b));
    if (a.scalar_type() == at::kByte) return one(at::div(a, b, "trunc"));
    return one(integer_quotient(a, b));
}

Outputs modulo(const Call& call)
{
    const auto& a = call.in(0);
    auto b = call.in(1);
    const bool like_c = call.integer("fmod", 0) != 0;
    if (a.is_floating_point()) {
        require(like_c, "Mod of fractions without fmod");
        return one(at::fmod(a, b));
    }
    // What is left after a division by -1 is what is left after one by 1.
    if (a.scalar_type() != at::kByte) b = b.masked_fill(is_minus_one(b), 1);
    return one(like_c ? at::fmod(a, b) : at::remainder(a, b));
}

Outputs power(const Call& call)
{
    const auto& base = call.in(0);
    const auto& exponent = call.in(1);
    if (base.is_floating_point()) return one(at::pow(base, exponent.to(base.scalar_type())));
    const bool whole = !exponent.is_floating_point() && !at::lt(exponent, 0).any().item<bool>();
    if (whole) return one(at::pow(base, exponent).to(base.scalar_type()));
    return one(at::pow(base.to(at::kDouble), exponent.to(at::kDouble)).to(base.scalar_type()));
}

template <at::Tensor (*Join)(const at::Tensor&, const at::Tensor&)>
Outputs joined(const Call& call)
{
    auto result = call.in(0);
    for (std::size_t i = 1; i < call.count(); ++i) result = Join(result, call.in(i));
    return one(result);
}

at::Tensor plus(const at::Tensor& a, const at::Tensor& b)
{
    return at::add(a, b);
}

Outputs mean_of_inputs(const Call& call)
{
    const auto sum = joined<plus>(call).front();
    return one(sum / static_cast<double>(call.count()));
}

Outputs clip(const Call& call)
{
    auto result = call.in(0);
    if (call.since() < 11) {
        if (call.says("min")) result = at::clamp_min(result, call.number("min", 0));
        if (call.says("max")) result = at::clamp_max(result, call.number("max", 0));
        return one(result);
    }
    // With a minimum above the maximum the maximum holds.
    if (call.has(1)) result = at::maximum(result, call.in(1));
    if (call.has(2)) result = at::minimum(result, call.in(2));
    return one(result);
}

Outputs shift_bits(const Call& call)
{
    require(call.in(0).scalar_type() == at::kByte, "BitShift of signed numbers");
    const auto by = call.in(1).to(at::kLong);
    const auto wide = call.in(0).to(at::kLong);
    const bool left = call.text("direction", "") == "LEFT";
    const auto moved = left ? at::bitwise_left_shift(wide, at::clamp_max(by, 8))
                            : at::bitwise_right_shift(wide, at::clamp_max(by, 8));
    return one(at::bitwise_and(moved, 255).to(at::kByte));
}

const Row rows_of_elementwise[] = {
    {"Abs", 6, 13, Gradient::exact, each<&at::Tensor::abs>},
    {"Neg", 6, 13, Gradient::exact, each<&at::Tensor::neg>},
    {"Ceil", 6, 13, Gradient::none, each<&at::Tensor::ceil>},
    {"Floor", 6, 13, Gradient::none, each<&at::Tensor::floor>},
    {"Round", 11, 11, Gradient::none, [](const Call& call) { return one(at::round(call.in(0))); }},
    {"Sign", 9, 13, Gradient::none, each<&at::Tensor::sign>},
    {"Sqrt", 6, 13, Gradient::exact, each<&at::Tensor::sqrt>},
    {"Exp", 6, 13, Gradient::exact, each<&at::Tensor::exp>},
    {"Log", 6, 13, Gradient::exact, each<&at::Tensor::log>},
    {"Reciprocal", 6, 13, Gradient::exact, each<&at::Tensor::reciprocal>},
    {"Erf", 9, 13, Gradient::exact, each<&at::Tensor::erf>},
    {"Sin", 7, 7, Gradient::exact, each<&at::Tensor::sin>},
    {"Cos", 7, 7, Gradient::exact, each<&at::Tensor::cos>},
    {"Tan", 7, 7, Gradient::exact, each<&at::Tensor::tan>},
    {"Asin", 7, 7, Gradient::exact, each<&at::Tensor::asin>},
    {"Acos", 7, 7, Gradient::exact, each<&at::Tensor::acos>},
    {"Atan", 7, 7, Gradient::exact, each<&at::Tensor::atan>},
    {"Sinh", 9, 9, Gradient::exact, each<&at::Tensor::sinh>},
    {"Cosh", 9, 9, Gradient::exact, each<&at::Tensor::cosh>},
    {"Asinh", 9, 9, Gradient::exact, each<&at::Tensor::asinh>},
    {"Acosh", 9, 9, Gradient::exact, each<&at::Tensor::acosh>},
    {"Atanh", 9, 9, Gradient::exact, each<&at::Tensor::atanh>},
    {"Add", 7, 14, Gradient::exact, [](const Call& c) { return one(at::add(c.in(0), c.in(1))); }},
    {"Sub", 7, 14, Gradient::exact, [](const Call& c) { return one(at::sub(c.in(0), c.in(1))); }},
    {"Mul", 7, 14, Gradient::exact, [](const Call& c) { return one(at::mul(c.in(0), c.in(1))); }},
    {"Div", 7, 14, Gradient::exact, divide},
    {"Mod", 10, 13, Gradient::exact, modulo},
    {"Pow", 7, 15, Gradient::exact, power},
    {"Min", 8, 13, Gradient::exact, joined<at::minimum>},
    {"Max", 8, 13, Gradient::exact, joined<at::maximum>},
    {"Sum", 8, 13, Gradient::exact, joined<plus>},
    {"Mean", 8, 13, Gradient::exact, mean_of_inputs},
    {.name = "Clip", .first = 6, .last = 13, .function = clip, .settings_from = 1},
    {"BitShift", 11, 11, Gradient::none, shift_bits, "8 bits only"},
};

}  // namespace

std::span<const Row> elementwise()
{
    return rows_of_elementwise;
}

}  // namespace training::families
