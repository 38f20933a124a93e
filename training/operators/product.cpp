#include "training/operators/families.hpp"

#include <ATen/ATen.h>

namespace training::families {
namespace {

Outputs gemm(const Call& call)
{
    require(call.in(0).dim() == 2 && call.in(1).dim() == 2, "Gemm of what is not a matrix");
    const auto a = call.integer("transA", 0) != 0 ? call.in(0).t() : call.in(0);
    const auto b = call.integer("transB", 0) != 0 ? call.in(1).t() : call.in(1);
    const auto alpha = call.number("alpha", 1);
    const auto beta = call.number("beta", 1);
    if (a.is_floating_point()) {
        if (call.has(2)) return one(at::addmm(call.in(2), a, b, beta, alpha));
        const auto result = at::mm(a, b);
        return one(alpha == 1 ? result : result * alpha);
    }
    require(alpha == 1 && beta == 1, "Gemm of whole numbers with fractions as factors");
    const auto result = at::mm(a, b);
    return one(call.has(2) ? result + call.in(2) : result);
}

Outputs einsum(const Call& call)
{
    std::vector<at::Tensor> operands;
    for (std::size_t i = 0; i < call.count(); ++i) operands.push_back(call.in(i));
    return one(at::einsum(call.text("equation", ""), operands));
}

const Row rows_of_product[] = {
    {"MatMul", 1, 13, Gradient::exact,
     [](const Call& c) { return one(at::matmul(c.in(0), c.in(1))); }},
    {"Gemm", 7, 13, Gradient::exact, gemm},
    {"Einsum", 12, 12, Gradient::exact, einsum},
    {"Det", 11, 11, Gradient::exact, [](const Call& c) { return one(at::det(c.in(0))); }},
};

}  // namespace

std::span<const Row> product()
{
    return rows_of_product;
}

}  // namespace training::families
