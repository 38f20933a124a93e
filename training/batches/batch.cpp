#include "training/batches/batch.hpp"

#include "training/operators/tensors.hpp"

#include <ATen/ATen.h>

namespace training {
namespace {

using ledger::Result;

at::Tensor room_for(std::int64_t count, const std::vector<std::int64_t>& shape, at::ScalarType type)
{
    std::vector<std::int64_t> sizes{count};
    sizes.insert(sizes.end(), shape.begin(), shape.end());
    return at::empty(sizes, type);
}

std::span<std::uint8_t> row_of(const at::Tensor& tensor, std::int64_t row)
{
    const auto bytes = tensor.nbytes() / static_cast<std::size_t>(tensor.size(0));
    return {static_cast<std::uint8_t*>(tensor.data_ptr()) + bytes * static_cast<std::size_t>(row),
            bytes};
}

}  // namespace

const at::Tensor& wanted_of(const Batch& batch)
{
    if (batch.labels.defined()) return batch.labels;
    return batch.numbers.defined() ? batch.numbers : batch.inputs.front();
}

Result<Batch> read_batch(const samples::Source& source, std::span<const std::uint64_t> which)
{
    using Kind = samples::Target::Kind;
    Batch batch;
    batch.size = static_cast<std::int64_t>(which.size());
    for (const auto& spec : source.inputs()) {
        const auto type = scalar_type_of(spec.datatype);
        if (!type)
            return ledger::invalid("input '" + spec.name + "': numbers of type " +
                                   std::string{inference::name_of(spec.datatype)} +
                                   " are not computed with");
        batch.inputs.push_back(room_for(batch.size, spec.shape, *type));
    }
    const auto& target = source.target();
    if (target.kind == Kind::classes) batch.labels = at::empty({batch.size}, at::kLong);
    if (target.kind == Kind::numbers)
        batch.numbers = room_for(batch.size, target.shape, at::kFloat);
    for (std::int64_t row = 0; row < batch.size; ++row) {
        std::vector<std::span<std::uint8_t>> inputs;
        for (const auto& tensor : batch.inputs) inputs.push_back(row_of(tensor, row));
        samples::Place place{inputs, nullptr, {}};
        if (batch.labels.defined()) place.label = batch.labels.data_ptr<std::int64_t>() + row;
        if (batch.numbers.defined()) {
            const auto bytes = row_of(batch.numbers, row);
            place.numbers = {reinterpret_cast<float*>(bytes.data()), bytes.size() / sizeof(float)};
        }
        const auto done = source.read(which[static_cast<std::size_t>(row)], place);
        if (!done) return done.error();
    }
    return batch;
}

Result<std::vector<std::uint64_t>> count_classes(const samples::Source& source)
{
    std::vector<std::uint64_t> counts(source.target().classes.size());
    for (std::uint64_t i = 0; i < source.size(); ++i) {
        auto known = source.label(i);
        if (!known) {
            const auto batch = read_batch(source, std::span{&i, 1});
            if (!batch) return batch.error();
            known = batch->labels.item<std::int64_t>();
        }
        const auto label = *known;
        if (label < 0 || static_cast<std::size_t>(label) >= counts.size())
            return ledger::invalid("sample " + std::to_string(i) + " is of no class that there is");
        ++counts[static_cast<std::size_t>(label)];
    }
    return counts;
}

}  // namespace training
