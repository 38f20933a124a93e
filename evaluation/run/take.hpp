#pragma once

#include "evaluation/run/batch.hpp"

#include <memory>

namespace evaluation {

/// Takes what a model answered, batch by batch, and keeps what measures need: one for each task.
class Taker {
public:
    virtual ~Taker() = default;
    /// `outputs` are those of Plan::outputs, and then Plan::points where that is named.
    virtual ledger::Result<void> take(const Batch& batch, std::span<const OutputRows> outputs) = 0;
    /// After the last batch.
    virtual void finish() {}
};

/// They write into `answers`, whose plan and number of samples are set, and which outlives them.
struct TakeContext {
    Answers& answers;
    const samples::Target& target;
    const CollectLimits& limits;
    std::uint64_t seed;
    std::optional<ScoreKind> scores;
};
std::unique_ptr<Taker> make_class_taker(const TakeContext& context);
std::unique_ptr<Taker> make_number_taker(const TakeContext& context);
std::unique_ptr<Taker> make_cluster_taker(const TakeContext& context);
std::unique_ptr<Taker> make_box_taker(const TakeContext& context);

/// The error of one sample, with its number.
ledger::Error of_sample(std::size_t index, const ledger::Error& error);

}  // namespace evaluation
