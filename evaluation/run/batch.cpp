#include "evaluation/run/batch.hpp"

#include "samples/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace evaluation {

using inference::Tensor;
using inference::TensorSpec;
using ledger::Error;
using ledger::ErrorKind;
using ledger::invalid;
using ledger::Result;
namespace {

std::uint64_t bytes_of(const TensorSpec& sample)
{
    const auto size = inference::size_of(sample.datatype);
    return inference::element_count(sample.shape, UINT64_MAX / 16).value_or(UINT64_MAX / 16) * size;
}

/// Rows that the model's input fixes, 0 where it leaves them open, -1 where it has none; empty
/// where it cannot take such samples.
std::optional<std::int64_t> rows_of(const TensorSpec& sample, const TensorSpec& input)
{
    if (input.datatype != sample.datatype) return {};
    const auto is_batched = input.shape.size() == sample.shape.size() + 1;
    if (!is_batched && input.shape.size() != sample.shape.size()) return {};
    const std::size_t skipped = is_batched ? 1 : 0;
    for (std::size_t i = 0; i < sample.shape.size(); ++i) {
        const auto size = input.shape[i + skipped];
        if (size != -1 && size != sample.shape[i]) return {};
    }
    if (!is_batched) return -1;
    return std::max<std::int64_t>(input.shape.front(), 0);
}

}  // namespace

Result<Batching> batching_of(const std::vector<TensorSpec>& samples, const inference::ModelIo& io,
                             std::size_t wanted, std::uint64_t batch_bytes)
{
    if (samples.empty() || samples.size() != io.inputs.size())
        return invalid("the model takes " + std::to_string(io.inputs.size()) +
                       " inputs, the data have " + std::to_string(samples.size()));
    std::optional<std::int64_t> rows;
    std::uint64_t row_bytes = 0;
    for (const auto& sample : samples) {
        const auto* input = io.input(sample.name);
        const auto fixed = input == nullptr ? std::nullopt : rows_of(sample, *input);
        if (!fixed || inference::size_of(sample.datatype) == 0)
            return invalid("the model takes no input '" + sample.name + "' of " +
                           std::string{inference::name_of(sample.datatype)} + " " +
                           inference::to_text(sample.shape) + " for a sample");
        if (rows && *rows != *fixed)
            return invalid("the model's inputs want different numbers of samples");
        rows = fixed;
        row_bytes += bytes_of(sample);
    }
    const auto most = batch_bytes / std::max<std::uint64_t>(row_bytes, 1);
    Batching batching{1, *rows != -1};
    if (*rows > 0) batching.rows = static_cast<std::size_t>(*rows);
    if (*rows == 0)
        batching.rows = static_cast<std::size_t>(
            std::clamp<std::uint64_t>(most, 1, std::max<std::size_t>(wanted, 1)));
    if (batching.rows > most)
        return Error{ErrorKind::full, "a run of " + std::to_string(batching.rows) +
                                          " samples takes more than " +
                                          std::to_string(batch_bytes) + " bytes"};
    return batching;
}

Batch::Batch(const samples::Source& source, const inference::ModelIo& io, const Batching& batching)
    : source_{source}, batching_{batching}, labels_(batching.rows)
{
    for (const auto& sample : source.inputs()) {
        Tensor tensor{sample.name, sample.datatype, sample.shape, {}};
        row_bytes_.push_back(static_cast<std::size_t>(bytes_of(sample)));
        tensor.data.resize(row_bytes_.back() * batching.rows);
        if (io.input(sample.name)->shape.size() > sample.shape.size())
            tensor.shape.insert(tensor.shape.begin(), static_cast<std::int64_t>(batching.rows));
        inputs_.push_back(std::move(tensor));
    }
    if (source.target().kind != samples::Target::Kind::numbers) return;
    target_width_ =
        static_cast<std::size_t>(inference::element_count(source.target().shape).value_or(0));
    targets_.resize(target_width_ * batching.rows);
}

Result<void> Batch::read(std::size_t first, DatasetRoot& root)
{
    first_ = first;
    rows_ = std::min(batching_.rows, source_.size() - first);
    const auto& target = source_.target();
    for (std::size_t row = 0; row < rows_; ++row) {
        std::vector<std::span<std::uint8_t>> places;
        for (std::size_t i = 0; i < inputs_.size(); ++i)
            places.emplace_back(inputs_[i].data.data() + row * row_bytes_[i], row_bytes_[i]);
        samples::Place place{
            places, &labels_[row], {targets_.data() + row * target_width_, target_width_}};
        if (target.kind != samples::Target::Kind::classes) place.label = nullptr;
        if (const auto read = source_.read(first + row, place); !read) return read.error();
        if (place.label != nullptr &&
            (labels_[row] < 0 || static_cast<std::uint64_t>(labels_[row]) >= target.classes.size()))
            return invalid("sample " + std::to_string(first + row) + " has a class that is none");
        root.add(first + row, place);
    }
    for (std::size_t row = rows_; row < batching_.rows; ++row)
        for (std::size_t i = 0; i < inputs_.size(); ++i)
            std::memcpy(inputs_[i].data.data() + row * row_bytes_[i],
                        inputs_[i].data.data() + (rows_ - 1) * row_bytes_[i], row_bytes_[i]);
    return {};
}

void Batch::point(std::size_t row, std::vector<double>& to) const
{
    const auto& input = inputs_.front();
    const auto size = inference::size_of(input.type);
    to.clear();
    for (std::size_t at = 0; at < row_bytes_.front(); at += size)
        to.push_back(
            samples::number_at(input.data.data() + row * row_bytes_.front() + at, input.type));
}

Result<OutputRows> OutputRows::of(const Tensor& output, std::size_t rows, bool is_batched)
{
    const auto fault = [&](const std::string& what) {
        return invalid("output '" + output.name + "' of shape " + inference::to_text(output.shape) +
                       what);
    };
    const auto size = inference::size_of(output.type);
    if (size == 0) return fault(" is made of text");
    const auto count = output.data.size() / size;
    if (is_batched &&
        (output.shape.empty() || output.shape.front() != static_cast<std::int64_t>(rows)))
        return fault(" has not one row for each of " + std::to_string(rows) + " samples");
    OutputRows made;
    made.output_ = &output;
    made.width_ = count / std::max<std::size_t>(rows, 1);
    return made;
}

Result<void> OutputRows::read(std::size_t row, std::vector<double>& to) const
{
    const auto size = inference::size_of(output_->type);
    to.clear();
    for (std::size_t i = row * width_; i < (row + 1) * width_; ++i) {
        to.push_back(samples::number_at(output_->data.data() + i * size, output_->type));
        if (!std::isfinite(to.back()))
            return invalid("output '" + output_->name + "' is not finite");
    }
    return {};
}

}  // namespace evaluation
