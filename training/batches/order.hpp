#pragma once

#include <cstdint>
#include <vector>

namespace training {

/// Which samples come in which step: every epoch takes each sample once, in an order that follows
/// from seed and epoch. Two orders with the same arguments are the same, so that a training goes on
/// where it was, and another machine does the same work.
class Order {
public:
    /// `whole` drops the last batch of an epoch where it is not full. At least one sample, and with
    /// `whole` at least `batch`.
    Order(std::uint64_t samples, std::uint64_t batch, std::uint64_t seed, bool whole);

    std::uint64_t steps_per_epoch() const { return steps_per_epoch_; }
    std::uint64_t epoch_of(std::uint64_t step) const { return step / steps_per_epoch_; }
    /// The samples of a step, counted from 0. Keeps the order of one epoch at a time.
    std::vector<std::uint64_t> samples_of(std::uint64_t step);

private:
    std::uint64_t samples_;
    std::uint64_t batch_;
    std::uint64_t seed_;
    std::uint64_t steps_per_epoch_;
    std::uint64_t epoch_ = UINT64_MAX;
    std::vector<std::uint64_t> order_;
};

}  // namespace training
