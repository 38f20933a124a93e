#pragma once

#include "training/app/prepare.hpp"
#include "training/workers/beginning.hpp"

#include <functional>

namespace training {

/// What all workers of a training must have alike, with `state` to begin with. Where they were not
/// started by one program all samples are read, since nobody knows what lies on other machines.
/// `unavailable` where `goes_on`, asked before each sample, says no.
ledger::Result<Beginning> beginning_of(const TrainOptions& options, const Prepared& prepared,
                                       const Checkpoint& state,
                                       const std::function<bool()>& goes_on);

}  // namespace training
