#include "ledger/base/draws.hpp"
#include "training/session/attempt.hpp"
#include "training/session/fitting.hpp"
#include "training/session/session.hpp"

#include <ATen/ATen.h>

#include <cmath>

/// Steps that several workers take together.
namespace training {

using ledger::Result;

Result<void> Session::share(std::uint32_t workers)
{
    if (workers > 1 && fixed_batch(model_.plan()))
        return ledger::invalid("the model takes whole batches of " + std::to_string(recipe_.batch) +
                               " samples only: several workers cannot share them");
    if (workers > recipe_.batch)
        return ledger::invalid("a batch of " + std::to_string(recipe_.batch) +
                               " samples has none for each of " + std::to_string(workers) +
                               " workers");
    state_.workers.change(state_.step, workers);
    crew_ = nullptr;
    reading_.reset();
    return {};
}

Result<void> Session::share(Crew& crew)
{
    if (auto done = share(crew.workers()); !done) return done;
    crew_ = &crew;
    return {};
}

/// Forward and backward. Leaves the gradients with `weights_`.
ShardSums::Pass Session::pass_over(const Batch& shard)
{
    ShardSums::Pass pass;
    pass.samples = static_cast<std::uint64_t>(shard.size);
    if (shard.size == 0) return pass;
    // Dropout draws by the step and the place of the first sample, whoever computes the shard.
    auto seed = ledger::Draws::stream(recipe_.seed, state_.step).next();
    if (shard.first != 0)
        seed = ledger::Draws::stream(seed, static_cast<std::uint64_t>(shard.first)).next();
    at::manual_seed(seed);
    at::Tensor answers;
    const auto loss = loss_of(shard, answers, Pass::training);
    pass.weight = loss_.weight_of(wanted_of(shard));
    if (pass.weight != 0) {
        pass.loss = loss.item<double>();
        if (std::isfinite(pass.loss)) loss.backward();
    }
    weights_.take_gradients();
    const at::NoGradGuard quiet;
    if (const auto hits = loss_.hits(answers, wanted_of(shard)))
        pass.hits = static_cast<std::uint64_t>(*hits);
    return pass;
}

Result<Session::Step> Session::learn_in_shards(const std::vector<Batch>& shards)
{
    return attempt([&]() -> Result<Step> {
        begin_step();
        ShardSums shared{weights_, quantisation_.get(), state_.workers.last()};
        Sums all;
        for (std::uint32_t i = 0; i < shards.size(); ++i) {
            if (i != 0) shared.rewind();
            const auto pass = pass_over(shards[i]);
            auto said = shared.of(pass, crew_ != nullptr ? crew_->place() : i);
            weights_.forget_gradients();
            if (i == 0)
                all = std::move(said);
            else
                add(all, said);
        }
        if (crew_ != nullptr)
            if (auto done = crew_->add_up(state_.step, all); !done) return done.error();
        const auto pass = shared.apply(all);
        if (!std::isfinite(pass.loss)) return no_number();
        const auto rate = this->rate();
        move(rate);
        state_.hits += pass.hits;
        state_.loss_sum += pass.loss * static_cast<double>(pass.samples);
        return Step{pass.loss, rate, static_cast<std::int64_t>(pass.samples)};
    });
}

}  // namespace training
