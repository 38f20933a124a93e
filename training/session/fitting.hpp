#pragma once

#include "training/session/session.hpp"

namespace training {

/// Which output of the model the recipe's loss is of.
ledger::Result<std::size_t> output_of(const Plan& plan, const LossOptions& options);
/// Why the model cannot be fed with these samples; empty where it can.
std::optional<std::string> fault_between(const Plan& plan, const Materials& materials);
/// The only batch that the model takes; empty where any will do.
std::optional<std::uint64_t> fixed_batch(const Plan& plan);
/// Why this is not the teacher that the recipe wants; empty where it is.
std::optional<std::string> fault_of_teacher(const std::optional<Plan>& teacher, const Plan& model,
                                            std::size_t output, const LossOptions& options);

}  // namespace training
