#include "training/session/attempt.hpp"
#include "training/session/fitting.hpp"
#include "training/session/session.hpp"

#include <ATen/ATen.h>

#include <numeric>

namespace training {

using ledger::Result;

/// One number for each batch; with a crew of several the batches are dealt out, and those of others
/// stay 0.
Result<void> Session::measure_batches(Order& order, std::vector<double>& losses,
                                      std::vector<double>& hits)
{
    const bool whole = fixed_batch(model_.plan()).has_value();
    const auto workers = crew_ != nullptr ? crew_->workers() : 1;
    const auto place = crew_ != nullptr ? crew_->place() : 0;
    for (std::uint64_t step = 0; step < order.steps_per_epoch(); ++step) {
        const auto which = order.samples_of(step);
        if (whole && which.size() < recipe_.batch) break;
        losses.push_back(0);
        hits.push_back(0);
        if (step % workers != place) continue;
        const auto batch = read_batch(*materials_.validation, which);
        if (!batch) return batch.error();
        at::Tensor answers;
        losses.back() =
            loss_of(*batch, answers, Pass::use).item<double>() * static_cast<double>(which.size());
        if (const auto right = loss_.hits(answers, wanted_of(*batch)))
            hits.back() = static_cast<double>(*right);
    }
    return {};
}

Result<Measure> Session::measured()
{
    return attempt([&]() -> Result<Measure> {
        const auto size = materials_.validation->size();
        const at::NoGradGuard quiet;
        // In another order than the files': a loss that compares samples needs several classes.
        Order order{size, recipe_.batch, ~recipe_.seed, false};
        std::vector<double> losses;
        std::vector<double> hits;
        if (auto done = measure_batches(order, losses, hits); !done) return done.error();
        if (losses.empty())
            return ledger::invalid(
                "there are fewer samples to measure on than the model takes at once");
        if (crew_ != nullptr) {
            // Each number is one worker's alone: with the zeros of the others it stays what it is.
            Sums all;
            all.wide = losses;
            all.wide.insert(all.wide.end(), hits.begin(), hits.end());
            if (auto done = crew_->add_up(state_.step, all); !done) return done.error();
            const auto middle = all.wide.begin() + static_cast<std::ptrdiff_t>(losses.size());
            losses.assign(all.wide.begin(), middle);
            hits.assign(middle, all.wide.end());
        }
        const auto seen = static_cast<double>(
            losses.size() == order.steps_per_epoch() ? size : losses.size() * recipe_.batch);
        Measure measure{std::accumulate(losses.begin(), losses.end(), 0.0) / seen, {}};
        if (loss_.counts_hits())
            measure.accuracy = std::accumulate(hits.begin(), hits.end(), 0.0) / seen;
        return measure;
    });
}

}  // namespace training
