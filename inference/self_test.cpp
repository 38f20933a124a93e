#include "inference/self_test.hpp"

#include "inference/batch.hpp"
#include "inference/synthetic_input.hpp"

#include <array>
#include <utility>

namespace inference {
namespace {

/// Tried in turn where a model leaves a size open besides the first.
constexpr std::array<std::int64_t, 6> inner_sizes{8, 1, 32, 64, 128, 224};

bool has_open_size(const ModelIo& io)
{
    for (const auto& spec : io.inputs)
        for (std::size_t i = 1; i < spec.shape.size(); ++i)
            if (spec.shape[i] == -1) return true;
    return false;
}

/// The first of the sizes with which the model runs; otherwise why it does not with the first.
Result<std::int64_t, InferError> runnable_size(Model& model, const RunControl& control)
{
    std::optional<InferError> first;
    for (const auto inner : inner_sizes) {
        const auto inputs = synthetic_inputs(model.io(), 1, inner, 0);
        auto fault = InferError{InferErrorKind::too_large, "one row has too many elements"};
        if (inputs) {
            const auto ran = model.run(*inputs, {}, control);
            if (ran) return inner;
            fault = ran.error();
        }
        if (!first) first = fault;
        if (fault.kind == InferErrorKind::deadline || !has_open_size(model.io())) break;
    }
    return std::move(*first);
}

std::optional<std::string> difference(const std::vector<Tensor>& alone,
                                      const std::vector<Tensor>& joined)
{
    for (std::size_t i = 0; i < alone.size(); ++i)
        if (alone[i] != joined[i])
            return "output '" + alone[i].name + "' of a row differs between a run of its own and ";
    return {};
}

std::uint64_t bytes_of(const std::vector<Tensor>& tensors)
{
    std::uint64_t bytes = 0;
    for (const auto& tensor : tensors) bytes += tensor.data.size();
    return bytes;
}

/// Single rows, and what the model gives for each alone.
struct Rows {
    std::vector<std::vector<Tensor>> inputs, outputs;
};

/// Why a run of `count` rows is not as good as single ones; empty when it is.
std::optional<std::string> fault_of_size(Model& model, const Rows& rows, std::uint64_t count,
                                         const RunControl& control)
{
    const auto name = "a run of " + std::to_string(count) + " rows";
    std::vector<const std::vector<Tensor>*> together;
    // Beginning elsewhere each time, so that a row is not always in the same place.
    const auto row_at = [&](std::uint64_t i) { return (count + i) % rows.inputs.size(); };
    for (std::uint64_t i = 0; i < count; ++i) together.push_back(&rows.inputs[row_at(i)]);
    const auto ran = model.run(join(together, model.io()), {}, control);
    if (!ran) return name + " fails: " + ran.error().detail;
    const auto parts = split(ran->tensors, std::vector<std::uint64_t>(count, 1));
    if (!parts) return name + " gives another number of rows";
    for (std::uint64_t i = 0; i < count; ++i)
        if (auto differs = difference(rows.outputs[row_at(i)], (*parts)[i])) return *differs + name;
    return {};
}

}  // namespace

Result<void, InferError> warm_up(Model& model, unsigned runs, const RunControl& control)
{
    if (runs == 0) return {};
    const auto failed = [&](unsigned run, const InferError& error) {
        return InferError{error.kind, "warm-up run " + std::to_string(run) + " of " +
                                          std::to_string(runs) + ": " + error.detail};
    };
    const auto inner = runnable_size(model, control);
    if (!inner) return failed(1, inner.error());
    const auto inputs = synthetic_inputs(model.io(), 1, *inner, 0);
    for (unsigned run = 2; run <= runs; ++run)
        if (const auto ran = model.run(*inputs, {}, control); !ran) return failed(run, ran.error());
    return {};
}

BatchProof prove_batches(Model& model, const BatchOptions& batch, const RunControl& control)
{
    BatchProof proof;
    if (auto fault = join_fault(model.io())) return {1, std::move(*fault)};
    const auto inner = runnable_size(model, control);
    if (!inner) return {1, "no made-up input runs: " + inner.error().detail};
    Rows rows;
    std::uint64_t bytes = 0;
    while (rows.inputs.size() < batch.max_rows) {
        auto input = *synthetic_inputs(model.io(), 1, *inner, rows.inputs.size());
        auto ran = model.run(input, {}, control);
        if (!ran) return {1, "a made-up row does not run: " + ran.error().detail};
        bytes += bytes_of(input) + bytes_of(ran->tensors);
        if (bytes > batch.max_bytes) {
            proof.why_not_more = std::to_string(rows.inputs.size() + 1) +
                                 " rows and what comes of them are more than " +
                                 std::to_string(batch.max_bytes) + " bytes";
            break;
        }
        rows.inputs.push_back(std::move(input));
        rows.outputs.push_back(std::move(ran->tensors));
    }
    for (std::uint64_t count = 2; count <= rows.inputs.size(); ++count) {
        if (auto fault = fault_of_size(model, rows, count, control))
            return {count - 1, std::move(*fault)};
        proof.rows = count;
    }
    return proof;
}

}  // namespace inference
