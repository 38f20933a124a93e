#pragma once

#include "inference/model/tensor.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace inference {

/// Several requests in one run: rows are counted along the first dimension. Pure.

/// Requests of one kind may share a run: the same shape of one row, the same outputs asked for.
struct BatchKind {
    std::vector<std::int64_t> row_shapes;  ///< of all inputs, each after its number of dimensions
    std::vector<std::string> outputs;
    friend bool operator==(const BatchKind&, const BatchKind&) = default;
};

struct BatchPart {
    BatchKind kind;
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;  ///< of its inputs
};

/// Empty when every input and output of the model has a first dimension that the caller chooses;
/// otherwise why requests cannot be joined.
std::optional<std::string> join_fault(const ModelIo& io);

/// What a request would be in a joined run of a model without a join_fault. Empty when it must
/// run alone: it is not what the model takes, its inputs differ in rows, or it has none.
std::optional<BatchPart> batch_part(std::span<const Tensor> inputs,
                                    std::span<const std::string> outputs, const ModelIo& io);

/// The inputs of all `requests`, which have a batch_part of one kind, below each other.
std::vector<Tensor> join(std::span<const std::vector<Tensor>* const> requests, const ModelIo& io);

/// The outputs of a joined run, for each request its rows. Empty when an output has not as many
/// rows as went in, or is not sound.
std::optional<std::vector<std::vector<Tensor>>> split(std::span<const Tensor> outputs,
                                                      std::span<const std::uint64_t> rows);

}  // namespace inference
