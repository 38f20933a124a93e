#include "training/app/train_beginning.hpp"

#include "ledger/base/hex.hpp"
#include "training/batches/samples_digest.hpp"

#include <fmt/format.h>

#include <filesystem>

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

Result<void> fits_segments(const Checkpoint& state, std::uint32_t workers,
                           const TrainOptions& options)
{
    if (options.segment == 0 || state.step % options.segment == 0) return {};
    const auto number = state.step / options.segment;
    const auto first = number * options.segment;
    if (workers == 1 && state.workers.is_alike_from(first) && state.workers.last() == 1) return {};
    const auto before =
        number == 0 ? "--force begins anew"
                    : fmt::format("{} in the place of {} goes on from the end of the one before",
                                  segment_path(options, number - 1), options.checkpoint);
    return ledger::invalid(fmt::format(
        "the checkpoint is after step {}, in the midst of segment {} of {} steps, which are all "
        "taken by as many workers: it is of {}, {} would go on; {}",
        state.step, number, options.segment, state.workers.text(), workers, before));
}

std::string segment_path(const TrainOptions& options, std::uint64_t number)
{
    return (std::filesystem::path{options.segments} / fmt::format("segment-{:06}", number))
        .string();
}

}  // namespace training
