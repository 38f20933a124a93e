#pragma once

#include "ledger/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace training {

/// How many workers took the steps of a training, each its share of the batch: with another number
/// other bits come out. As text "3,2@40": three, and from the step after the 40th on two.
class WorkerCounts {
public:
    /// `workers` of them from the start on, at least 1.
    explicit WorkerCounts(std::uint32_t workers = 1) : counts_{{0, workers}} {}

    /// `invalid` where the text is none, or counts above `most_workers`.
    static ledger::Result<WorkerCounts> read(std::string_view text);
    std::string text() const;

    /// How many take the step that comes after `step` steps.
    std::uint32_t after(std::uint64_t step) const;
    std::uint32_t last() const { return counts_.back().workers; }
    /// From the step after `step` on there are `workers`, whatever was said of these steps before.
    void change(std::uint64_t step, std::uint32_t workers);
    /// Whether as many took all steps after `step` as would take the next.
    bool is_alike_from(std::uint64_t step) const { return counts_.back().after <= step; }
    /// Whether there never was more than one.
    bool is_one() const { return counts_.size() == 1 && last() == 1; }

    friend bool operator==(const WorkerCounts&, const WorkerCounts&) = default;

private:
    struct Count {
        std::uint64_t after = 0;  ///< so many steps
        std::uint32_t workers = 1;
        friend bool operator==(const Count&, const Count&) = default;
    };
    std::vector<Count> counts_;  ///< the first is after 0, each later than the one before
};

}  // namespace training
