#include "samples/numbers.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace samples {
namespace {

using inference::DataType;

template <class Value>
Value loaded(const std::uint8_t* from, ByteOrder order)
{
    static_assert(std::endian::native == std::endian::little);
    std::uint8_t bytes[sizeof(Value)];
    std::memcpy(bytes, from, sizeof bytes);
    if (order == ByteOrder::big) std::reverse(bytes, bytes + sizeof bytes);
    Value value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

double half(std::uint16_t bits)
{
    const int exponent = bits >> 10 & 0x1f;
    const int fraction = bits & 0x3ff;
    double value =
        exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(fraction + 1024, exponent - 25);
    if (exponent == 0x1f)
        value = fraction == 0 ? std::numeric_limits<double>::infinity()
                              : std::numeric_limits<double>::quiet_NaN();
    return bits & 0x8000 ? -value : value;
}

template <class Integer>
bool put_integer(std::uint8_t* to, double value)
{
    // The largest value of 64 bits is no double; the power of two above it is.
    constexpr auto above = 0x1p1 * static_cast<double>(std::numeric_limits<Integer>::max() / 2 + 1);
    constexpr auto least = static_cast<double>(std::numeric_limits<Integer>::min());
    if (!(value >= least) || !(value < above) || value != std::trunc(value)) return false;
    const auto integer = static_cast<Integer>(value);
    std::memcpy(to, &integer, sizeof integer);
    return true;
}

}  // namespace

double number_at(const std::uint8_t* from, DataType type, ByteOrder order)
{
    switch (type) {
        case DataType::BOOL:
            return *from != 0 ? 1.0 : 0.0;
        case DataType::UINT8:
            return *from;
        case DataType::INT8:
            return static_cast<std::int8_t>(*from);
        case DataType::UINT16:
            return loaded<std::uint16_t>(from, order);
        case DataType::INT16:
            return loaded<std::int16_t>(from, order);
        case DataType::UINT32:
            return loaded<std::uint32_t>(from, order);
        case DataType::INT32:
            return loaded<std::int32_t>(from, order);
        case DataType::UINT64:
            return static_cast<double>(loaded<std::uint64_t>(from, order));
        case DataType::INT64:
            return static_cast<double>(loaded<std::int64_t>(from, order));
        case DataType::FP16:
            return half(loaded<std::uint16_t>(from, order));
        case DataType::BF16:
            return static_cast<double>(
                std::bit_cast<float>(std::uint32_t{loaded<std::uint16_t>(from, order)} << 16));
        case DataType::FP32:
            return static_cast<double>(loaded<float>(from, order));
        case DataType::FP64:
            return loaded<double>(from, order);
        case DataType::BYTES:
            break;
    }
    return 0;
}

bool can_put(DataType type)
{
    return type != DataType::BYTES && type != DataType::FP16 && type != DataType::BF16;
}

bool put_number(std::uint8_t* to, DataType type, double value)
{
    switch (type) {
        case DataType::BOOL:
            if (value != 0.0 && value != 1.0) return false;
            *to = value != 0.0 ? 1 : 0;
            return true;
        case DataType::UINT8:
            return put_integer<std::uint8_t>(to, value);
        case DataType::INT8:
            return put_integer<std::int8_t>(to, value);
        case DataType::UINT16:
            return put_integer<std::uint16_t>(to, value);
        case DataType::INT16:
            return put_integer<std::int16_t>(to, value);
        case DataType::UINT32:
            return put_integer<std::uint32_t>(to, value);
        case DataType::INT32:
            return put_integer<std::int32_t>(to, value);
        case DataType::UINT64:
            return put_integer<std::uint64_t>(to, value);
        case DataType::INT64:
            return put_integer<std::int64_t>(to, value);
        case DataType::FP32: {
            const auto narrow = static_cast<float>(value);
            std::memcpy(to, &narrow, sizeof narrow);
            return true;
        }
        case DataType::FP64:
            std::memcpy(to, &value, sizeof value);
            return true;
        case DataType::FP16:
        case DataType::BF16:
        case DataType::BYTES:
            break;
    }
    return false;
}

std::optional<double> number_of(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    text = text.substr(first, text.find_last_not_of(" \t") - first + 1);
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || stop != text.data() + text.size() || !std::isfinite(value))
        return {};
    return value;
}

}  // namespace samples
