#include "inference/synthetic_input.hpp"

#include "ledger/base/draws.hpp"

#include <cstring>

namespace inference {
namespace {

using ledger::Draws;

constexpr std::uint64_t most_elements = 16u << 20;

template <class Value>
void append_value(Bytes& to, Value value)
{
    std::uint8_t bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    ledger::append(to, bytes);
}

void append_element(Bytes& to, DataType type, Draws& draws)
{
    switch (type) {
        case DataType::FP32:
            return append_value(to, draws.next_float());
        case DataType::FP64:
            return append_value(to, static_cast<double>(draws.next_float()));
        case DataType::FP16: {
            // Any sign and fraction, exponents from 1/16 to 1/2.
            const auto drawn = draws.next();
            return append_value(to, static_cast<std::uint16_t>((drawn & 0x83ff) |
                                                               ((11 + (drawn >> 16) % 4) << 10)));
        }
        case DataType::BF16: {
            const auto value = draws.next_float();
            std::uint32_t bits = 0;
            std::memcpy(&bits, &value, sizeof bits);
            return append_value(to, static_cast<std::uint16_t>(bits >> 16));
        }
        case DataType::UINT8:
        case DataType::INT8:
            return append_value(to, static_cast<std::uint8_t>(draws.next()));
        case DataType::BYTES: {
            Bytes text(draws.next() % 8);
            for (auto& letter : text) letter = static_cast<std::uint8_t>('a' + draws.next() % 26);
            return append_string(to, text);
        }
        default: {
            to.push_back(static_cast<std::uint8_t>(draws.next() & 1));
            to.resize(to.size() + size_of(type) - 1);
        }
    }
}

}  // namespace

std::optional<std::vector<Tensor>> synthetic_inputs(const ModelIo& io, std::int64_t rows,
                                                    std::int64_t inner, std::uint64_t seed)
{
    Draws draws{seed};
    std::vector<Tensor> inputs;
    for (const auto& spec : io.inputs) {
        Tensor input{spec.name, spec.datatype, spec.shape, {}};
        for (std::size_t i = 0; i < input.shape.size(); ++i)
            if (input.shape[i] == -1) input.shape[i] = i == 0 ? rows : inner;
        const auto count = element_count(input.shape);
        if (!count || *count > most_elements) return {};
        input.data.reserve(*count * size_of(spec.datatype));
        for (std::uint64_t i = 0; i < *count; ++i) append_element(input.data, spec.datatype, draws);
        inputs.push_back(std::move(input));
    }
    return inputs;
}

}  // namespace inference
