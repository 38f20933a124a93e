#include "inference/protocol/json_writer.hpp"

#include <charconv>
#include <cmath>
#include <cstring>

namespace inference {
namespace {

template <class Number>
void write_any(std::string& to, Number value)
{
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    to.append(text, end);
}

template <class Number>
void write_finite(std::string& to, Number value)
{
    if (std::isfinite(value))
        write_any(to, value);
    else
        to += "null";
}

template <class Number, class Write>
void write_each(std::string& to, ByteView data, Write write)
{
    for (std::size_t at = 0; at + sizeof(Number) <= data.size(); at += sizeof(Number)) {
        Number value;
        std::memcpy(&value, data.data() + at, sizeof value);
        if (at != 0) to += ',';
        write(to, value);
    }
}

template <class Number>
void write_integers(std::string& to, ByteView data)
{
    write_each<Number>(to, data, [](std::string& out, Number value) { write_any(out, value); });
}

// Length of the UTF-8 character that `text` begins with; 0 where it is none (RFC 3629).
std::size_t utf8_length(std::string_view text)
{
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
    };
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0u) == 0x80u; };
    const auto first = byte(0);
    if (first < 0x80) return 1;
    if (first < 0xc2 || first > 0xf4 || !follows(1)) return 0;
    if (first < 0xe0) return 2;
    if (!follows(2)) return 0;
    if (first < 0xf0) {
        if (first == 0xe0 && byte(1) < 0xa0) return 0;
        if (first == 0xed && byte(1) > 0x9f) return 0;  // surrogates
        return 3;
    }
    if (!follows(3) || (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f))
        return 0;
    return 4;
}

}  // namespace

bool write_string(std::string& to, std::string_view text)
{
    static constexpr char hex[] = "0123456789abcdef";
    to += '"';
    while (!text.empty()) {
        const auto length = utf8_length(text);
        if (length == 0) return false;
        const auto byte = static_cast<unsigned char>(text.front());
        if (byte == '"' || byte == '\\') {
            to += '\\';
            to += text.front();
        } else if (byte < 0x20) {
            to += "\\u00";
            to += hex[byte >> 4];
            to += hex[byte & 15];
        } else {
            to.append(text.substr(0, length));
        }
        text.remove_prefix(length);
    }
    to += '"';
    return true;
}

bool write_data(std::string& to, const Tensor& tensor)
{
    to += '[';
    switch (tensor.type) {
        case DataType::BOOL:
            write_each<std::uint8_t>(to, tensor.data, [](std::string& out, std::uint8_t value) {
                out += value != 0 ? "true" : "false";
            });
            break;
        case DataType::UINT8:
            write_integers<std::uint8_t>(to, tensor.data);
            break;
        case DataType::FP16:
        case DataType::BF16:
            return false;
        case DataType::UINT16:
            write_integers<std::uint16_t>(to, tensor.data);
            break;
        case DataType::UINT32:
            write_integers<std::uint32_t>(to, tensor.data);
            break;
        case DataType::UINT64:
            write_integers<std::uint64_t>(to, tensor.data);
            break;
        case DataType::INT8:
            write_integers<std::int8_t>(to, tensor.data);
            break;
        case DataType::INT16:
            write_integers<std::int16_t>(to, tensor.data);
            break;
        case DataType::INT32:
            write_integers<std::int32_t>(to, tensor.data);
            break;
        case DataType::INT64:
            write_integers<std::int64_t>(to, tensor.data);
            break;
        case DataType::FP32:
            write_each<float>(to, tensor.data, write_finite<float>);
            break;
        case DataType::FP64:
            write_each<double>(to, tensor.data, write_finite<double>);
            break;
        case DataType::BYTES: {
            const auto elements =
                split_strings(tensor.data, element_count(tensor.shape).value_or(0));
            if (!elements) return false;
            for (std::size_t i = 0; i < elements->size(); ++i) {
                if (i != 0) to += ',';
                if (!write_string(to, ledger::as_text((*elements)[i]))) return false;
            }
            break;
        }
    }
    to += ']';
    return true;
}

void write_number(std::string& to, float value)
{
    write_finite(to, value);
}

void write_number(std::string& to, double value)
{
    write_finite(to, value);
}

void write_shape(std::string& to, const std::vector<std::int64_t>& shape)
{
    to += to_text(shape);
}

}  // namespace inference
