#pragma once

#include "inference/model/limits.hpp"
#include "ledger/base/result.hpp"
#include "training/graph/plan.hpp"

namespace training {

/// Reads the model file of a stranger with the checks that a node makes before it serves one, and
/// lays it out for computing. Whether each operator can be computed is not asked here.
ledger::Result<Plan> read_plan(ledger::ByteView file, const inference::ModelLimits& limits = {});

}  // namespace training
