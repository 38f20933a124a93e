#include "training/batches/order.hpp"

#include "ledger/base/draws.hpp"
#include "ledger/base/ensure.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

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
        order_.resize(samples_);
        std::iota(order_.begin(), order_.end(), std::uint64_t{0});
        auto draws = ledger::Draws::stream(seed_, epoch);
        for (auto left = samples_; left > 1; --left)
            std::swap(order_[left - 1], order_[draws.below(left)]);
        epoch_ = epoch;
    }
    const auto first = (step % steps_per_epoch_) * batch_;
    const auto last = std::min(first + batch_, samples_);
    return {order_.begin() + static_cast<std::ptrdiff_t>(first),
            order_.begin() + static_cast<std::ptrdiff_t>(last)};
}

}  // namespace training
