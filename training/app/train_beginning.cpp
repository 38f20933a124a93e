#include "training/app/train_beginning.hpp"

#include "ledger/base/hex.hpp"
#include "training/batches/samples_digest.hpp"

namespace training {
namespace {

using ledger::Result;

std::string hex(const auto& id)
{
    return ledger::to_hex0x(id.view());
}

}  // namespace

Result<Beginning> beginning_of(const TrainOptions& options, const Prepared& prepared,
                               const Checkpoint& state, const std::function<bool()>& goes_on)
{
    Beginning made;
    made.add("the model", hex(state.base));
    made.add("the recipe", hex(state.recipe));
    made.add("the teacher", hex(state.teacher));
    made.add("the number of samples", std::to_string(state.samples));
    made.add("the number of samples to measure on", std::to_string(state.validation));
    if (!options.workers.rendezvous.empty()) {
        const auto samples = samples_digest(*prepared.samples, goes_on);
        if (!samples) return samples.error();
        made.add("the samples", hex(*samples));
        ledger::Hash held_out;
        if (prepared.validation) {
            const auto read = samples_digest(*prepared.validation, goes_on);
            if (!read) return read.error();
            held_out = *read;
        }
        made.add("the samples to measure on", hex(held_out));
    }
    // Those who remember at other steps could not go back together, those who end there not end.
    made.add("--threads", std::to_string(state.threads));
    made.add("--segment", std::to_string(options.segment));
    made.add("--every", std::to_string(options.every));
    made.add("--stop-after", std::to_string(options.stop_after));
    made.add("the step", std::to_string(state.step));
    made.add("the state that it begins with", hex(commitment_to(state)));
    return made;
}

}  // namespace training
