#include "inference/model/tensor.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace inference {

static_assert(std::endian::native == std::endian::little, "tensors are read in place");

std::optional<std::uint64_t> element_count(std::span<const std::int64_t> shape, std::uint64_t limit)
{
    std::uint64_t count = 1;
    bool empty = false;
    for (const auto size : shape) {
        if (size < 0) return {};
        if (size == 0) {
            empty = true;
            continue;
        }
        // Checked even next to a zero: libraries multiply the sizes in another order.
        if (count > limit / static_cast<std::uint64_t>(size)) return {};
        count *= static_cast<std::uint64_t>(size);
    }
    return empty ? 0 : count;
}

std::optional<std::vector<ByteView>> split_strings(ByteView data, std::uint64_t count)
{
    if (count > data.size() / 4) return {};
    std::vector<ByteView> elements;
    elements.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        std::uint32_t length = 0;
        if (data.size() < sizeof length) return {};
        std::memcpy(&length, data.data(), sizeof length);
        data = data.subspan(sizeof length);
        if (data.size() < length) return {};
        elements.push_back(data.first(length));
        data = data.subspan(length);
    }
    if (!data.empty()) return {};
    return elements;
}

void append_string(Bytes& to, ByteView element)
{
    const auto length = static_cast<std::uint32_t>(element.size());
    std::uint8_t prefix[sizeof length];
    std::memcpy(prefix, &length, sizeof length);
    ledger::append(to, prefix);
    ledger::append(to, element);
}

std::optional<std::string> shape_fault(std::span<const std::int64_t> shape, const TensorSpec& spec)
{
    bool fits = shape.size() == spec.shape.size();
    for (std::size_t i = 0; fits && i < shape.size(); ++i)
        fits = shape[i] >= 0 && (spec.shape[i] == -1 || spec.shape[i] == shape[i]);
    if (fits) return {};
    return "'" + spec.name + "' has shape " + to_text({shape.begin(), shape.end()}) +
           ", the model takes " + to_text(spec.shape);
}

std::optional<std::string> fault_of(const Tensor& tensor, const TensorSpec& spec)
{
    const auto quoted = "'" + spec.name + "'";
    if (tensor.type != spec.datatype)
        return quoted + " is " + std::string{name_of(tensor.type)} + ", the model takes " +
               std::string{name_of(spec.datatype)};
    if (auto fault = shape_fault(tensor.shape, spec)) return fault;
    const auto count = element_count(tensor.shape, UINT64_MAX / 8);
    if (!count) return quoted + " has more elements than can be counted";
    if (tensor.type == DataType::BYTES) {
        if (!split_strings(tensor.data, *count))
            return quoted + " must hold " + std::to_string(*count) +
                   " elements, each with its length in 4 bytes";
        return {};
    }
    const auto bytes = *count * size_of(tensor.type);
    if (tensor.data.size() != bytes)
        return quoted + " has " + std::to_string(tensor.data.size()) +
               " bytes of data, its shape " + to_text(tensor.shape) + " needs " +
               std::to_string(bytes);
    if (tensor.type == DataType::BOOL &&
        std::ranges::any_of(tensor.data, [](std::uint8_t byte) { return byte > 1; }))
        return quoted + " has a boolean that is neither 0 nor 1";
    return {};
}

std::optional<std::string> fault_of(std::span<const Tensor> inputs, const ModelIo& io)
{
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const auto* spec = io.input(inputs[i].name);
        if (spec == nullptr) return "the model has no input '" + inputs[i].name + "'";
        for (std::size_t before = 0; before < i; ++before)
            if (inputs[before].name == inputs[i].name)
                return "input '" + inputs[i].name + "' is given twice";
        if (auto fault = fault_of(inputs[i], *spec)) return "input " + *fault;
    }
    for (const auto& spec : io.inputs)
        if (std::ranges::find(inputs, spec.name, &Tensor::name) == inputs.end())
            return "input '" + spec.name + "' is missing";
    return {};
}

std::uint64_t batch_items(std::span<const Tensor> inputs, const ModelIo& io)
{
    if (io.inputs.empty() || io.inputs.front().shape.empty()) return 1;
    if (io.inputs.front().shape.front() != -1) return 1;
    const auto first = std::ranges::find(inputs, io.inputs.front().name, &Tensor::name);
    if (first == inputs.end() || first->shape.empty()) return 1;
    return static_cast<std::uint64_t>(std::max<std::int64_t>(first->shape.front(), 0));
}

}  // namespace inference
