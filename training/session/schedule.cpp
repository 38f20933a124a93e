#include "training/session/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace training {

double rate_factor(const ScheduleOptions& schedule, std::uint64_t step, std::uint64_t steps,
                   std::uint64_t steps_per_epoch)
{
    using Kind = ScheduleOptions::Kind;
    if (step < schedule.warmup)
        return static_cast<double>(step + 1) / static_cast<double>(schedule.warmup);
    if (schedule.kind == Kind::constant) return 1;
    if (schedule.kind == Kind::steps) {
        const auto drops = step / std::max<std::uint64_t>(steps_per_epoch, 1) / schedule.every;
        return std::pow(schedule.factor, static_cast<double>(drops));
    }
    const auto all = std::max<std::uint64_t>(steps, schedule.warmup + 1) - schedule.warmup;
    const auto way =
        std::min(1.0, static_cast<double>(step - schedule.warmup) / static_cast<double>(all));
    const auto left =
        schedule.kind == Kind::linear ? 1 - way : (1 + std::cos(std::numbers::pi * way)) / 2;
    return schedule.floor + (1 - schedule.floor) * left;
}

}  // namespace training
