#pragma once

#include "training/operators/operator.hpp"

#include <span>

/// The operators of each family; table.hpp joins them. For this folder.
namespace training::families {

std::span<const Row> elementwise();
std::span<const Row> comparison();
std::span<const Row> activation();
std::span<const Row> softmax();
std::span<const Row> product();
std::span<const Row> convolution();
std::span<const Row> pooling();
std::span<const Row> normalisation();
std::span<const Row> reduction();
std::span<const Row> shape();
std::span<const Row> generation();
std::span<const Row> gathering();
std::span<const Row> slicing();
std::span<const Row> sorting();
std::span<const Row> resizing();
std::span<const Row> recurrence();
std::span<const Row> quantisation();
std::span<const Row> conversion();
std::span<const Row> loss();

inline Outputs one(at::Tensor result)
{
    return {std::move(result)};
}

}  // namespace training::families
