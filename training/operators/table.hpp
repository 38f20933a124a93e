#pragma once

#include "training/operators/operator.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace training {

/// Every operator that is computed here, by name.
const std::vector<const Row*>& all_operators();
/// Null for those that are not.
const Row* operator_named(std::string_view name);

/// Empty where `node` can be computed as far as its operator, version and types of attributes say;
/// otherwise why not.
std::optional<std::string> reason_unsupported(const Node& node);

/// The table in docs/training.md.
std::string operators_as_markdown();

}  // namespace training
