#pragma once

#include "training/session/fake_quantisation.hpp"
#include "training/session/weights.hpp"
#include "training/workers/sums.hpp"

#include <cstdint>

namespace training {

/// A step in shards: what one shard of a batch says, as numbers to be added up, and what all of
/// them say together. The gradient of a batch is the mean of its shards' gradients, each as heavy
/// as its samples (Loss::weight_of); running means and variances become the mean of what each shard
/// makes of them, by its number of samples; a range of what is quantised reaches as far as the
/// farthest. Works on the tensors of a session.
class ShardSums {
public:
    /// What a pass over a shard gave, beside gradients and statistics.
    struct Pass {
        double loss = 0;    ///< the mean over the shard; 0 where it has no sample that counts
        double weight = 0;  ///< how heavy it is
        std::uint64_t samples = 0;
        std::uint64_t hits = 0;
    };

    /// Remembers statistics and ranges as they are now: every shard of a step begins with these.
    /// `quantisation` may be null. Both must outlive this.
    ShardSums(Weights& weights, const FakeQuantisation* quantisation, std::uint32_t shards);

    /// What shard `shard` says after its backward pass: gradients were taken by `weights`.
    Sums of(const Pass& pass, std::uint32_t shard) const;
    /// Puts statistics and ranges back to what they were: for the next shard of the same step.
    void rewind();
    /// Gives the parameters the gradients of the whole batch, sets statistics and ranges, and says
    /// what the pass over it gave. With a weight of 0 there is no gradient.
    Pass apply(Sums& all);

private:
    std::size_t wide_numbers() const;

    Weights& weights_;
    const FakeQuantisation* quantisation_;
    std::uint32_t shards_;
    std::vector<at::Tensor> statistics_;  ///< as they were
    at::Tensor ranges_;                   ///< the same
};

}  // namespace training
