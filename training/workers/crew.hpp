#pragma once

#include "ledger/base/result.hpp"
#include "training/workers/sums.hpp"

#include <cstdint>

namespace training {

/// Those who take the steps of one training together, each with its shard of the batch.
/// One thread.
class Crew {
public:
    virtual ~Crew() = default;
    /// How many there are, at least 1.
    virtual std::uint32_t workers() const = 0;
    /// Which of them this one is, from 0.
    virtual std::uint32_t place() const = 0;
    /// Makes of this worker's numbers those of all, added in the order of their places: the same
    /// bits for everybody. `step`: how many steps were taken before; all must say the same. Blocks.
    /// An error where the others are gone, or are fewer than they were: then nothing was added.
    virtual ledger::Result<void> add_up(std::uint64_t step, Sums& sums) = 0;
};

}  // namespace training
