#pragma once

#include "ledger/base/big_endian.hpp"
#include "samples/items.hpp"
#include "samples/source.hpp"
#include "tests/support/png_file.hpp"

#include <gtest/gtest.h>

#include <cstring>

/// Files as people have them, made in memory, and samples read back.
namespace samples {

inline ledger::Bytes bytes_of(std::string_view text)
{
    return {text.begin(), text.end()};
}

inline ledger::Bytes idx(std::uint8_t type, const std::vector<std::uint32_t>& sizes,
                         const ledger::Bytes& data)
{
    ledger::Bytes file{0, 0, type, static_cast<std::uint8_t>(sizes.size())};
    for (const auto size : sizes) ledger::append_big_endian(file, size);
    ledger::append(file, data);
    return file;
}

inline ledger::Bytes npy(const std::string& header, const ledger::Bytes& data)
{
    ledger::Bytes file{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    const auto text = header + "\n";
    file.push_back(static_cast<std::uint8_t>(text.size() & 0xff));
    file.push_back(static_cast<std::uint8_t>(text.size() >> 8));
    ledger::append(file, ledger::as_bytes(text));
    ledger::append(file, data);
    return file;
}

template <class Value>
ledger::Bytes little(const std::vector<Value>& values)
{
    ledger::Bytes bytes(values.size() * sizeof(Value));
    if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

struct WavFormat {
    std::uint16_t tag = 1;
    std::uint16_t channels = 1;
    std::uint32_t rate = 16'000;
    std::uint16_t bits = 16;
};

inline ledger::Bytes wav(const ledger::Bytes& data, const WavFormat& format = {})
{
    const auto frame = static_cast<std::uint16_t>(format.channels * format.bits / 8);
    ledger::Bytes file = bytes_of("RIFF");
    const auto add = [&](const auto& bytes) { ledger::append(file, bytes); };
    const auto size = static_cast<std::uint32_t>(data.size());
    add(little<std::uint32_t>({36 + size}));
    add(bytes_of("WAVEfmt "));
    add(little<std::uint32_t>({16}));
    add(little<std::uint16_t>({format.tag, format.channels}));
    add(little<std::uint32_t>({format.rate, format.rate * frame}));
    add(little<std::uint16_t>({frame, format.bits}));
    add(bytes_of("data"));
    add(little<std::uint32_t>({size}));
    add(data);
    return file;
}

inline std::shared_ptr<const Items> in_memory(std::vector<Item> items)
{
    auto made = items_in_memory(std::move(items));
    EXPECT_TRUE(made) << (made ? "" : made.error().detail);
    return *made;
}

/// One sample of a source with one input.
struct OneSample {
    ledger::Bytes input;
    std::int64_t label = -1;
    std::vector<float> numbers;

    std::vector<float> floats() const
    {
        std::vector<float> values(input.size() / sizeof(float));
        if (!values.empty())
            std::memcpy(values.data(), input.data(), values.size() * sizeof(float));
        return values;
    }
};

inline std::size_t elements_of(const std::vector<std::int64_t>& shape)
{
    std::size_t count = 1;
    for (const auto size : shape) count *= static_cast<std::size_t>(size);
    return count;
}

inline ledger::Result<OneSample> read_one(const Source& source, std::size_t index)
{
    const auto& spec = source.inputs()[0];
    OneSample sample;
    sample.input.resize(elements_of(spec.shape) * inference::size_of(spec.datatype));
    if (source.target().kind == Target::Kind::numbers)
        sample.numbers.resize(elements_of(source.target().shape));
    const std::span<std::uint8_t> input{sample.input};
    const auto read = source.read(index, {{&input, 1}, &sample.label, sample.numbers});
    if (!read) return read.error();
    return sample;
}

inline inference::ModelIo model_of(inference::DataType type, std::vector<std::int64_t> shape)
{
    return {{{"x", type, std::move(shape)}}, {}};
}

}  // namespace samples
