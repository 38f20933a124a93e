#include "training/operators/families.hpp"

#include <ATen/ATen.h>

namespace training::families {
namespace {

Outputs hard_sigmoid(const Call& call)
{
    const auto line = call.in(0) * call.number("alpha", 0.2) + call.number("beta", 0.5);
    return one(at::clamp(line, 0, 1));
}

Outputs hard_swish(const Call& call)
{
    const auto& x = call.in(0);
    return one(x * at::clamp(x / 6 + 0.5, 0, 1));
}

Outputs selu(const Call& call)
{
    const auto alpha = call.number("alpha", 1.67326319217681884765625);
    const auto gamma = call.number("gamma", 1.05070102214813232421875);
    return one(at::elu(call.in(0), alpha, gamma));
}

Outputs celu(const Call& call)
{
    const auto alpha = call.number("alpha", 1.0);
    require(alpha != 0, "Celu with alpha 0");
    return one(at::celu(call.in(0), alpha));
}

// Straight where the slope is 1 to the last bit anyway; libtorch's threshold of 20 is not that far.
Outputs softplus(const Call& call)
{
    return one(at::softplus(call.in(0), 1, 40));
}

Outputs softsign(const Call& call)
{
    const auto& x = call.in(0);
    return one(x / (1 + x.abs()));
}

Outputs thresholded_relu(const Call& call)
{
    return one(at::threshold(call.in(0), call.number("alpha", 1.0), 0));
}

Outputs shrink(const Call& call)
{
    const auto& x = call.in(0);
    const auto edge = call.number("lambd", 0.5);
    const auto bias = call.number("bias", 0.0);
    const auto outside = at::where(at::lt(x, -edge), x + bias, at::zeros_like(x));
    return one(at::where(at::gt(x, edge), x - bias, outside));
}

// The slope may have any shape that broadcasts, which libtorch's own allows for channels only.
Outputs prelu(const Call& call)
{
    const auto& x = call.in(0);
    return one(at::where(at::lt(x, 0), x * call.in(1), x));
}

const Row rows_of_activation[] = {
    {"Relu", 6, 14, Gradient::exact, [](const Call& c) { return one(at::relu(c.in(0))); }},
    {"LeakyRelu", 6, 16, Gradient::exact,
     [](const Call& c) { return one(at::leaky_relu(c.in(0), c.number("alpha", 0.01))); }},
    {"PRelu", 7, 16, Gradient::exact, prelu},
    {"Elu", 6, 6, Gradient::exact,
     [](const Call& c) { return one(at::elu(c.in(0), c.number("alpha", 1))); }},
    {"Selu", 6, 6, Gradient::exact, selu},
    {"Celu", 12, 12, Gradient::exact, celu},
    {"Sigmoid", 6, 13, Gradient::exact, [](const Call& c) { return one(at::sigmoid(c.in(0))); }},
    {"HardSigmoid", 6, 6, Gradient::exact, hard_sigmoid},
    {"HardSwish", 14, 14, Gradient::exact, hard_swish},
    {"Tanh", 6, 13, Gradient::exact, [](const Call& c) { return one(at::tanh(c.in(0))); }},
    {"Softplus", 1, 1, Gradient::exact, softplus},
    {"Softsign", 1, 1, Gradient::exact, softsign},
    {"ThresholdedRelu", 10, 10, Gradient::exact, thresholded_relu},
    {"Shrink", 9, 9, Gradient::exact, shrink},
};

}  // namespace

std::span<const Row> activation()
{
    return rows_of_activation;
}

}  // namespace training::families
