#pragma once

#include "evaluation/run/answers.hpp"
#include "evaluation/run/dataset_root.hpp"
#include "inference/model/tensor.hpp"

namespace evaluation {

/// How samples go into runs.
struct Batching {
    std::size_t rows = 1;    ///< of each run; a fixed number where the model fixes it
    bool is_batched = true;  ///< the first size of inputs and outputs counts samples
};
/// `invalid` where the source's inputs are not those of the model, `full` where a run would be
/// larger than `batch_bytes`.
ledger::Result<Batching> batching_of(const std::vector<inference::TensorSpec>& samples,
                                     const inference::ModelIo& io, std::size_t wanted,
                                     std::uint64_t batch_bytes);

/// The samples of one run. Where there are fewer than a run takes, the last one fills the rest.
class Batch {
public:
    Batch(const samples::Source& source, const inference::ModelIo& io, const Batching& batching);

    /// From `first` on; adds each to `root`.
    ledger::Result<void> read(std::size_t first, DatasetRoot& root);

    std::size_t first() const { return first_; }
    std::size_t rows() const { return rows_; }  ///< those that count
    std::span<const inference::Tensor> inputs() const { return inputs_; }
    std::int64_t label(std::size_t row) const { return labels_[row]; }
    std::size_t target_width() const { return target_width_; }
    std::span<const float> target(std::size_t row) const
    {
        return {targets_.data() + row * target_width_, target_width_};
    }
    /// The numbers of a row of the source's first input.
    void point(std::size_t row, std::vector<double>& to) const;

private:
    const samples::Source& source_;
    Batching batching_;
    std::size_t first_ = 0, rows_ = 0;
    std::vector<inference::Tensor> inputs_;  ///< in the order of the source
    std::vector<std::size_t> row_bytes_;
    std::vector<std::int64_t> labels_;
    std::vector<float> targets_;
    std::size_t target_width_ = 0;
};

/// One output of a run, row by row.
class OutputRows {
public:
    /// `invalid` where the output has no row for each of `rows`, or is made of text; the tensor
    /// must stay. Where the run is one sample and `is_batched` is false, all of it is one row.
    static ledger::Result<OutputRows> of(const inference::Tensor& output, std::size_t rows,
                                         bool is_batched);

    std::size_t width() const { return width_; }
    /// All numbers of a row. `invalid` where one is not finite.
    ledger::Result<void> read(std::size_t row, std::vector<double>& to) const;

private:
    const inference::Tensor* output_ = nullptr;
    std::size_t width_ = 0;
};

}  // namespace evaluation
