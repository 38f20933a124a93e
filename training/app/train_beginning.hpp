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

/// Whether a training may go on from `state` with so many workers: all steps of a segment are taken
/// by as many, and several go on from the end of one. `invalid` says what may be done instead.
ledger::Result<void> fits_segments(const Checkpoint& state, std::uint32_t workers,
                                   const TrainOptions& options);

/// The checkpoint that segment `number` ends with.
std::string segment_path(const TrainOptions& options, std::uint64_t number);

}  // namespace training
