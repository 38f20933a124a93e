#include "inference/batch.hpp"

#include "ledger/base/ensure.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace inference {
namespace {

const Tensor& input_named(const std::vector<Tensor>& inputs, const std::string& name)
{
    const auto found = std::ranges::find(inputs, name, &Tensor::name);
    ledger::ensure(found != inputs.end(), "what is joined has every input");
    return *found;
}

bool has_open_rows(const TensorSpec& spec)
{
    return !spec.shape.empty() && spec.shape.front() == -1;
}

/// Bytes from `from` on that `count` strings take; empty when they are not there.
std::optional<std::size_t> strings_bytes(ByteView data, std::size_t from, std::uint64_t count)
{
    auto at = from;
    for (std::uint64_t i = 0; i < count; ++i) {
        std::uint32_t length = 0;
        if (data.size() - at < sizeof length) return {};
        std::memcpy(&length, data.data() + at, sizeof length);
        at += sizeof length;
        if (data.size() - at < length) return {};
        at += length;
    }
    return at - from;
}

/// Adds to each of `parts` its rows of `output`.
bool split_one(const Tensor& output, std::span<const std::uint64_t> rows,
               std::vector<std::vector<Tensor>>& parts)
{
    const auto all = std::accumulate(rows.begin(), rows.end(), std::uint64_t{0});
    if (output.shape.empty() || output.shape.front() != static_cast<std::int64_t>(all))
        return false;
    const auto in_row = element_count(std::span{output.shape}.subspan(1), UINT64_MAX / 16);
    if (!in_row) return false;
    std::size_t at = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto elements = rows[i] * *in_row;
        std::optional<std::size_t> bytes = elements * size_of(output.type);
        if (output.type == DataType::BYTES) bytes = strings_bytes(output.data, at, elements);
        if (!bytes || *bytes > output.data.size() - at) return false;
        Tensor part{output.name, output.type, output.shape, {}};
        part.shape.front() = static_cast<std::int64_t>(rows[i]);
        const auto view = ByteView{output.data}.subspan(at, *bytes);
        part.data.assign(view.begin(), view.end());
        parts[i].push_back(std::move(part));
        at += *bytes;
    }
    return at == output.data.size();
}

}  // namespace

std::optional<std::string> join_fault(const ModelIo& io)
{
    const auto fault = [](const char* what, const TensorSpec& spec) {
        return std::string{what} + " '" + spec.name + "' has the shape " + to_text(spec.shape) +
               ", which does not begin with a number of rows that callers choose";
    };
    if (io.inputs.empty()) return "the model has no input";
    for (const auto& spec : io.inputs)
        if (!has_open_rows(spec)) return fault("input", spec);
    for (const auto& spec : io.outputs)
        if (!has_open_rows(spec)) return fault("output", spec);
    return {};
}

std::optional<BatchPart> batch_part(std::span<const Tensor> inputs,
                                    std::span<const std::string> outputs, const ModelIo& io)
{
    if (fault_of(inputs, io)) return {};
    BatchPart part;
    for (const auto& spec : io.inputs) {
        const auto& input = *std::ranges::find(inputs, spec.name, &Tensor::name);
        const auto rows = static_cast<std::uint64_t>(input.shape.front());
        if (rows == 0 || (part.rows != 0 && part.rows != rows)) return {};
        part.rows = rows;
        part.bytes += input.data.size();
        auto& shapes = part.kind.row_shapes;
        shapes.push_back(static_cast<std::int64_t>(input.shape.size()));
        shapes.insert(shapes.end(), input.shape.begin() + 1, input.shape.end());
    }
    part.kind.outputs.assign(outputs.begin(), outputs.end());
    return part;
}

std::vector<Tensor> join(std::span<const std::vector<Tensor>* const> requests, const ModelIo& io)
{
    std::vector<Tensor> joined;
    joined.reserve(io.inputs.size());
    for (const auto& spec : io.inputs) {
        Tensor all{spec.name, spec.datatype, {}, {}};
        std::size_t bytes = 0;
        for (const auto* request : requests) bytes += input_named(*request, spec.name).data.size();
        all.data.reserve(bytes);
        for (const auto* request : requests) {
            const auto& one = input_named(*request, spec.name);
            if (all.shape.empty())
                all.shape = one.shape;
            else
                all.shape.front() += one.shape.front();
            ledger::append(all.data, one.data);
        }
        joined.push_back(std::move(all));
    }
    return joined;
}

std::optional<std::vector<std::vector<Tensor>>> split(std::span<const Tensor> outputs,
                                                      std::span<const std::uint64_t> rows)
{
    std::vector<std::vector<Tensor>> parts(rows.size());
    for (const auto& output : outputs)
        if (!split_one(output, rows, parts)) return {};
    return parts;
}

}  // namespace inference
