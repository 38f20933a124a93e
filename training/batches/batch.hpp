#pragma once

#include "ledger/base/result.hpp"
#include "samples/source.hpp"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

namespace training {

/// Samples side by side.
struct Batch {
    std::vector<at::Tensor> inputs;  ///< [n, ...], in the order of the source's inputs
    at::Tensor labels;               ///< int64 [n] where the target is a class
    at::Tensor numbers;              ///< FP32 [n, ...] where it is numbers
    std::int64_t size = 0;
    std::int64_t first = 0;  ///< place of the first of them in its step's batch
};

/// What a model is to say of them: labels, numbers, or where there is no target the samples.
const at::Tensor& wanted_of(const Batch& batch);

/// Reads the samples of these numbers. Memory: one batch. Any thread.
ledger::Result<Batch> read_batch(const samples::Source& source,
                                 std::span<const std::uint64_t> which);

/// Of the classes, how many samples each has. Reads those whose class is not known without.
ledger::Result<std::vector<std::uint64_t>> count_classes(const samples::Source& source);

}  // namespace training
