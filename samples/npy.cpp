#include "samples/array_file.hpp"

#include "inference/model/tensor.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <map>

namespace samples {
namespace {

using inference::DataType;
using ledger::ByteView;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

constexpr std::size_t largest_npy_header = 64 * 1024;

Error wrong_npy(const std::string& what)
{
    return {ErrorKind::invalid, "the npy file cannot be used: " + what};
}

/// The text after `'key':` in the header's dictionary, without leading blanks.
std::string_view value_of(std::string_view header, std::string_view key)
{
    const auto at = header.find("'" + std::string{key} + "':");
    if (at == std::string_view::npos) return {};
    header.remove_prefix(at + key.size() + 3);
    header.remove_prefix(std::min(header.find_first_not_of(' '), header.size()));
    return header;
}

std::optional<std::vector<std::int64_t>> npy_shape(std::string_view text)
{
    if (!text.starts_with('(')) return {};
    const auto end = text.find(')');
    if (end == std::string_view::npos) return {};
    text = text.substr(1, end - 1);
    std::vector<std::int64_t> shape;
    while (true) {
        text.remove_prefix(std::min(text.find_first_not_of(", "), text.size()));
        if (text.empty()) return shape;
        std::int64_t size = 0;
        const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), size);
        if (error != std::errc{} || size < 0 || shape.size() == 8) return {};
        shape.push_back(size);
        text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    }
}

std::optional<DataType> npy_type(std::string_view text)
{
    static const std::map<std::string_view, DataType> types{
        {"|b1", DataType::BOOL},   {"|u1", DataType::UINT8},  {"<u2", DataType::UINT16},
        {"<u4", DataType::UINT32}, {"<u8", DataType::UINT64}, {"|i1", DataType::INT8},
        {"<i2", DataType::INT16},  {"<i4", DataType::INT32},  {"<i8", DataType::INT64},
        {"<f2", DataType::FP16},   {"<f4", DataType::FP32},   {"<f8", DataType::FP64}};
    if (text.size() < 5 || (text[0] != '\'' && text[0] != '"')) return {};
    const auto found = types.find(text.substr(1, 3));
    if (found == types.end() || text[4] != text[0]) return {};
    return found->second;
}

}  // namespace

bool looks_like_npy(ByteView file)
{
    return file.size() > 6 && std::memcmp(file.data(), "\x93NUMPY", 6) == 0;
}

Result<ArrayFile> read_npy(ByteView file)
{
    static_assert(std::endian::native == std::endian::little, "npy bytes are used as they are");
    if (file.size() < 12 || !looks_like_npy(file)) return wrong_npy("it does not begin as one");
    const auto version = file[6];
    if (version < 1 || version > 3) return wrong_npy("its version is not 1, 2 or 3");
    const std::size_t prefix = version == 1 ? 10 : 12;
    std::size_t header_bytes = file[8] | static_cast<std::size_t>(file[9]) << 8;
    if (version > 1)
        header_bytes |=
            static_cast<std::size_t>(file[10]) << 16 | static_cast<std::size_t>(file[11]) << 24;
    if (header_bytes > largest_npy_header || header_bytes > file.size() - prefix)
        return wrong_npy("its header is cut off or too long");
    const auto header = ledger::as_text(file.subspan(prefix, header_bytes));
    const auto data = file.subspan(prefix + header_bytes);

    const auto type = npy_type(value_of(header, "descr"));
    auto shape = npy_shape(value_of(header, "shape"));
    if (!type) return wrong_npy("its element type is not a little-endian number");
    if (!shape) return wrong_npy("its shape cannot be read");
    if (!value_of(header, "fortran_order").starts_with("False"))
        return wrong_npy("it is in Fortran order; save it with numpy.ascontiguousarray");
    const auto count = inference::element_count(*shape, UINT64_MAX / 8);
    if (!count || *count * inference::size_of(*type) != data.size())
        return wrong_npy("it has not as many bytes as its shape says");

    return ArrayFile{*type, ByteOrder::little, std::move(*shape), prefix + header_bytes};
}

}  // namespace samples
