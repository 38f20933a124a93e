#include "tests/unit/training/cases/cases.hpp"

namespace training::cases {

void add_products(Cases& cases)
{
    cases.push_back(Case{"MatMul", "matrices"}.floats({3, 4}).floats({4, 2}).made());
    cases.push_back(
        Case{"MatMul", "batches that broadcast"}.floats({2, 1, 3, 4}).floats({3, 4, 2}).made());
    cases.push_back(Case{"MatMul", "a vector and a matrix"}.floats({4}).floats({4, 2}).made());
    cases.push_back(Case{"MatMul", "a matrix and a vector"}.floats({2, 3, 4}).floats({4}).made());
    cases.push_back(Case{"MatMul", "two vectors"}.floats({4}).floats({4}).made());
    cases.push_back(
        Case{"MatMul", "whole numbers"}.ints({2, 2}, {1, -2, 3, 4}).ints({2, 1}, {5, 6}).made());
    cases.push_back(Case{"Gemm", "with a bias"}.floats({3, 4}).floats({4, 2}).floats({2}).made());
    cases.push_back(Case{"Gemm", "both transposed, alpha and beta"}
                        .floats({4, 3})
                        .floats({2, 4})
                        .floats({3, 2})
                        .set("transA", 1)
                        .set("transB", 1)
                        .set("alpha", 0.5)
                        .set("beta", 2.0)
                        .made());
    cases.push_back(
        Case{"Gemm", "without a bias"}.floats({3, 4}).floats({4, 2}).set("alpha", 3.0).made());
    cases.push_back(
        Case{"Gemm", "a column as bias"}.floats({3, 4}).floats({4, 2}).floats({3, 1}).made());
    cases.push_back(
        Case{"Gemm", "a number as bias"}.floats({3, 4}).floats({4, 2}).floats({}).made());
    cases.push_back(Case{"Einsum", "batches of matrices"}
                        .floats({2, 3, 4})
                        .floats({2, 4, 5})
                        .set("equation", "bij, bjk -> bik")
                        .made());
    cases.push_back(Case{"Einsum", "without an arrow"}
                        .floats({3, 4})
                        .floats({4, 2})
                        .set("equation", "ij,jk")
                        .made());
    cases.push_back(Case{"Einsum", "a transpose"}.floats({3, 4}).set("equation", "ij->ji").made());
    cases.push_back(Case{"Einsum", "a diagonal"}.floats({3, 3}).set("equation", "ii->i").made());
    cases.push_back(Case{"Einsum", "dimensions left open"}
                        .floats({2, 3, 4})
                        .set("equation", "...ij->...i")
                        .made());
    cases.push_back(Case{"Det", "a batch of matrices"}.floats({2, 3, 3}).made());
}

}  // namespace training::cases
