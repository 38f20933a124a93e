#pragma once

#include "training/recipe/recipe.hpp"

namespace training {

/// What the rate is multiplied with in a step counted from 0, of `steps` in all.
double rate_factor(const ScheduleOptions& schedule, std::uint64_t step, std::uint64_t steps,
                   std::uint64_t steps_per_epoch);

}  // namespace training
