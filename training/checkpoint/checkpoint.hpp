#pragma once

#include "inference/model/content_id.hpp"
#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"
#include "ledger/disk/disk.hpp"
#include "training/checkpoint/worker_counts.hpp"
#include "training/optimiser/optimiser.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace training {

/// All that the next step of a training depends on, beside the model file that it began with and
/// its samples. Nothing in it says when or where: the same work gives the same bytes.
struct Checkpoint {
    inference::ContentId base;     ///< the model that it began with
    ledger::Hash recipe;           ///< recipe_hash
    inference::ContentId teacher;  ///< zero without one
    std::uint64_t samples = 0;     ///< how many are trained with
    std::uint64_t validation = 0;  ///< how many are measured on
    /// Of libtorch: sums over several threads come in another order, with other bits.
    std::uint32_t threads = 1;
    WorkerCounts workers;  ///< who took the steps until here, and would take the next

    std::uint64_t step = 0;  ///< how many were taken; the place among the samples follows from it
    double loss_sum = 0;     ///< over the epoch under way
    std::uint64_t hits = 0;  ///< the same
    bool has_best = false;
    double best = 0;                  ///< the best measure so far, where `has_best`
    std::uint64_t best_step = 0;      ///< after which it was
    std::uint64_t since_best = 0;     ///< measures since
    std::uint64_t measured_step = 0;  ///< after which the last measure was; 0: none was
    bool ended = false;               ///< early, as the recipe asked

    /// By name, each once: what training moves ("weights/NAME"), what the optimiser remembers
    /// ("optimiser/NAME/..."), the best tensors so far ("best/NAME"), the ranges
    /// of what is quantised ("quantise/ranges").
    std::vector<NamedTensor> tensors;
};

struct CheckpointLimits {
    std::uint64_t bytes = std::uint64_t{64} << 30;
    std::uint64_t header_bytes = 16 << 20;
    std::size_t tensors = 200'000;
};

/// A file: "MRTRAIN1", the length of the header as u64, the header (JSON: all of the above, and
/// name, type and dims of each tensor), the tensors' bytes one after the other, and SHA-256 of
/// everything before it. All integers little-endian.
///
/// That last hash is what a provider of GPU time commits to after each segment
/// (LeaseCheckpoint): weights, optimiser, place among the samples, seed by the recipe, step.
ledger::Hash commitment_to(const Checkpoint& checkpoint);

/// Writes it beside `path`, syncs it and puts it in its place: a crash leaves the old one or the
/// new one, whole. Gives its commitment.
ledger::Result<ledger::Hash> write_checkpoint(ledger::Disk& disk, const std::string& path,
                                              const Checkpoint& checkpoint);

/// `corrupt` where it is not what was written, `full` above the limits, those of the disk. Memory
/// is taken for as much as the file holds.
ledger::Result<Checkpoint> read_checkpoint(ledger::Disk& disk, const std::string& path,
                                           const CheckpointLimits& limits = {});
/// The same from bytes.
ledger::Result<Checkpoint> decode_checkpoint(ledger::ByteView file,
                                             const CheckpointLimits& limits = {});

}  // namespace training
