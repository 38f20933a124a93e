#pragma once

#include "inference/model/tensor.hpp"

#include <optional>
#include <string>

namespace training {

struct Tolerance {
    double relative = 1e-3;
    double absolute = 1e-7;
};

/// Empty where type and shape are the same and every number is within `absolute` + `relative`
/// times the expected one; otherwise the first or largest difference, for people. What is not a
/// number equals itself.
std::optional<std::string> difference(const inference::Tensor& got,
                                      const inference::Tensor& expected, const Tolerance& within);

}  // namespace training
