#include "inference/protocol/classification.hpp"

#include "inference/protocol/json_writer.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>

namespace inference {
namespace {

template <class Number>
Number number_at(const std::uint8_t* data)
{
    Number value;
    std::memcpy(&value, data, sizeof value);
    return value;
}

// IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits.
double from_half(std::uint16_t bits)
{
    const int exponent = (bits >> 10) & 31;
    const int fraction = bits & 1023;
    double value = 0;
    if (exponent == 31)
        value = fraction == 0 ? INFINITY : NAN;
    else if (exponent == 0)
        value = std::ldexp(fraction, -24);
    else
        value = std::ldexp(fraction + 1024, exponent - 25);
    return (bits & 0x8000) != 0 ? -value : value;
}

double value_at(DataType type, const std::uint8_t* data)
{
    switch (type) {
        case DataType::BOOL:
        case DataType::UINT8:
            return *data;
        case DataType::UINT16:
            return number_at<std::uint16_t>(data);
        case DataType::UINT32:
            return number_at<std::uint32_t>(data);
        case DataType::UINT64:
            return static_cast<double>(number_at<std::uint64_t>(data));
        case DataType::INT8:
            return number_at<std::int8_t>(data);
        case DataType::INT16:
            return number_at<std::int16_t>(data);
        case DataType::INT32:
            return number_at<std::int32_t>(data);
        case DataType::INT64:
            return static_cast<double>(number_at<std::int64_t>(data));
        case DataType::FP16:
            return from_half(number_at<std::uint16_t>(data));
        case DataType::BF16:
            return std::bit_cast<float>(std::uint32_t{number_at<std::uint16_t>(data)} << 16);
        case DataType::FP32:
            return number_at<float>(data);
        case DataType::FP64:
            return number_at<double>(data);
        case DataType::BYTES:
            break;
    }
    return 0;
}

std::string text_of(DataType type, double value)
{
    std::string text;
    if (type == DataType::FP64 ||
        (type != DataType::FP32 && type != DataType::FP16 && type != DataType::BF16))
        write_number(text, value);
    else
        write_number(text, static_cast<float>(value));
    return text;
}

}  // namespace

Result<Tensor, ProtocolError> classify(const Tensor& output, std::size_t classes,
                                       std::span<const std::string> labels)
{
    if (output.type == DataType::BYTES)
        return ProtocolError{400, "output '" + output.name + "' is BYTES and has no classes"};
    const auto count = element_count(output.shape).value_or(0);
    const auto rows =
        output.shape.size() < 2 ? 1 : static_cast<std::uint64_t>(output.shape.front());
    const auto columns = rows == 0 ? 0 : count / rows;
    const auto kept = std::min<std::uint64_t>(classes, columns);
    Tensor best{output.name, DataType::BYTES, {}, {}};
    if (output.shape.size() >= 2) best.shape.push_back(static_cast<std::int64_t>(rows));
    best.shape.push_back(static_cast<std::int64_t>(kept));
    const auto each = size_of(output.type);
    std::vector<double> values(columns);
    std::vector<std::uint64_t> order(columns);
    for (std::uint64_t row = 0; row < rows; ++row) {
        for (std::uint64_t i = 0; i < columns; ++i)
            values[i] = value_at(output.type, output.data.data() + (row * columns + i) * each);
        std::iota(order.begin(), order.end(), std::uint64_t{0});
        std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(kept),
                                  [&](std::uint64_t a, std::uint64_t b) {
                                      const auto nan_a = std::isnan(values[a]);
                                      const auto nan_b = std::isnan(values[b]);
                                      if (nan_a != nan_b) return nan_b;
                                      if (!nan_a && values[a] != values[b])
                                          return values[a] > values[b];
                                      return a < b;
                                  });
        for (std::uint64_t i = 0; i < kept; ++i) {
            auto text = text_of(output.type, values[order[i]]) + ":" + std::to_string(order[i]);
            if (order[i] < labels.size()) text += ":" + labels[order[i]];
            append_string(best.data, ledger::as_bytes(text));
        }
    }
    return best;
}

}  // namespace inference
