#include "training/conform/compare.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <sstream>
#include <vector>

namespace training {
namespace {

using inference::DataType;

template <class Number>
double read(const std::uint8_t* from)
{
    Number number;
    std::memcpy(&number, from, sizeof number);
    return static_cast<double>(number);
}

// IEEE 754 binary16: 5 bits of exponent, 10 of fraction.
double read_half(const std::uint8_t* from)
{
    std::uint16_t bits = 0;
    std::memcpy(&bits, from, sizeof bits);
    const int exponent = (bits >> 10) & 31;
    const double fraction = (bits & 1023) / 1024.0;
    double value = std::ldexp(1 + fraction, exponent - 15);
    if (exponent == 0) value = std::ldexp(fraction, -14);
    if (exponent == 31) value = fraction == 0 ? HUGE_VAL : std::nan("");
    return (bits >> 15) != 0 ? -value : value;
}

double read_bfloat16(const std::uint8_t* from)
{
    std::uint16_t bits = 0;
    std::memcpy(&bits, from, sizeof bits);
    return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16));
}

double number_at(const inference::Tensor& tensor, std::size_t index)
{
    const auto* from = tensor.data.data() + index * inference::size_of(tensor.type);
    switch (tensor.type) {
        case DataType::BOOL:
        case DataType::UINT8:
            return read<std::uint8_t>(from);
        case DataType::INT8:
            return read<std::int8_t>(from);
        case DataType::UINT16:
            return read<std::uint16_t>(from);
        case DataType::INT16:
            return read<std::int16_t>(from);
        case DataType::UINT32:
            return read<std::uint32_t>(from);
        case DataType::INT32:
            return read<std::int32_t>(from);
        case DataType::UINT64:
            return read<std::uint64_t>(from);
        case DataType::INT64:
            return read<std::int64_t>(from);
        case DataType::FP16:
            return read_half(from);
        case DataType::BF16:
            return read_bfloat16(from);
        case DataType::FP32:
            return read<float>(from);
        default:
            return read<double>(from);
    }
}

bool is_near(double got, double expected, const Tolerance& within)
{
    if (got == expected || (std::isnan(got) && std::isnan(expected))) return true;
    return std::isfinite(got) && std::isfinite(expected) &&
           std::abs(got - expected) <= within.absolute + within.relative * std::abs(expected);
}

}  // namespace

std::optional<std::string> difference(const inference::Tensor& got,
                                      const inference::Tensor& expected, const Tolerance& within)
{
    const auto quoted = "'" + got.name + "' ";
    if (got.type != expected.type)
        return quoted + "is " + std::string{name_of(got.type)} + " instead of " +
               std::string{name_of(expected.type)};
    if (got.shape != expected.shape)
        return quoted + "has shape " + inference::to_text(got.shape) + " instead of " +
               inference::to_text(expected.shape);
    if (got.type == DataType::BYTES || got.data.size() != expected.data.size()) {
        if (got.data == expected.data) return {};
        return quoted + "has other data";
    }
    const auto count = got.data.size() / inference::size_of(got.type);
    std::size_t wrong = 0, worst = 0;
    double largest = -1;
    for (std::size_t i = 0; i < count; ++i) {
        const auto a = number_at(got, i);
        const auto b = number_at(expected, i);
        if (is_near(a, b, within)) continue;
        ++wrong;
        const auto distance = std::isfinite(a - b) ? std::abs(a - b) : HUGE_VAL;
        if (distance <= largest) continue;
        largest = distance;
        worst = i;
    }
    if (wrong == 0) return {};
    std::ostringstream text;
    text.precision(9);
    text << quoted << "differs in " << wrong << " of " << count << " numbers, most at " << worst
         << ": " << number_at(got, worst) << " instead of " << number_at(expected, worst);
    return text.str();
}

}  // namespace training
