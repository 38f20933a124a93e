#pragma once

#include "inference/model/tensor.hpp"
#include "ledger/base/result.hpp"

#include <cstdint>
#include <vector>

namespace wallet {

/// The shape under which an array of shape `own` is what `spec` takes: its own where that fits;
/// else with ones before it; else that of one item, as the model has it, where the elements stay in
/// their order beyond doubt. That is so when the two differ by sizes of one only, and when either
/// of them is one long row; a column is several items, and never one. `invalid` says what the model
/// takes.
ledger::Result<std::vector<std::int64_t>> shape_for(const std::vector<std::int64_t>& own,
                                                    const inference::TensorSpec& spec);

}  // namespace wallet
