#include "training/batches/order.hpp"

#include "ledger/base/ensure.hpp"
#include "samples/split.hpp"

#include <algorithm>

namespace training {

Order::Order(std::uint64_t samples, std::uint64_t batch, std::uint64_t seed, bool whole)
    : samples_{samples},
      batch_{batch},
      seed_{seed},
      steps_per_epoch_{whole ? samples / batch : (samples + batch - 1) / batch}
{
    ledger::ensure(steps_per_epoch_ > 0, "an epoch has a step");
}

std::vector<std::uint64_t> Order::samples_of(std::uint64_t step)
{
    if (const auto epoch = epoch_of(step); epoch != epoch_) {
        const auto order = samples::shuffled(samples_, seed_, epoch);
        order_.assign(order.begin(), order.end());
        epoch_ = epoch;
    }
    const auto first = (step % steps_per_epoch_) * batch_;
    const auto last = std::min(first + batch_, samples_);
    return {order_.begin() + static_cast<std::ptrdiff_t>(first),
            order_.begin() + static_cast<std::ptrdiff_t>(last)};
}

}  // namespace training
