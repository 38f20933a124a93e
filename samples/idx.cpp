#include "samples/array_file.hpp"

#include "inference/model/tensor.hpp"
#include "ledger/base/big_endian.hpp"

namespace samples {
namespace {

using inference::DataType;
using ledger::ByteView;
using ledger::Result;

constexpr std::size_t most_idx_sizes = 8;

ledger::Error wrong_idx(const std::string& what)
{
    return ledger::invalid("the IDX file cannot be used: " + what);
}

std::optional<DataType> idx_type(std::uint8_t code)
{
    switch (code) {
        case 0x08:
            return DataType::UINT8;
        case 0x09:
            return DataType::INT8;
        case 0x0b:
            return DataType::INT16;
        case 0x0c:
            return DataType::INT32;
        case 0x0d:
            return DataType::FP32;
        case 0x0e:
            return DataType::FP64;
        default:
            return {};
    }
}

}  // namespace

bool looks_like_idx(ByteView file)
{
    return file.size() >= 4 && file[0] == 0 && file[1] == 0 && idx_type(file[2]) && file[3] > 0 &&
           file[3] <= most_idx_sizes;
}

Result<ArrayFile> read_idx(ByteView file)
{
    if (file.size() >= 2 && file[0] == 0x1f && file[1] == 0x8b)
        return wrong_idx("it is packed with gzip; unpack it first");
    if (file.size() < 4 || file[0] != 0 || file[1] != 0)
        return wrong_idx("it does not begin as one");
    const auto type = idx_type(file[2]);
    if (!type) return wrong_idx("its element type " + std::to_string(file[2]) + " is unknown");
    const std::size_t sizes = file[3];
    if (sizes == 0 || sizes > most_idx_sizes) return wrong_idx("it has not 1 to 8 sizes");
    ArrayFile array{*type, ByteOrder::big, {}, 4 + 4 * sizes};
    if (file.size() < array.data) return wrong_idx("its sizes are cut off");
    for (std::size_t i = 0; i < sizes; ++i)
        array.shape.push_back(ledger::read_big_endian<std::uint32_t>(file.subspan(4 + 4 * i)));
    const auto there = file.size() - array.data;
    const auto count = inference::element_count(array.shape, UINT64_MAX / 8);
    if (!count || *count * inference::size_of(*type) != there)
        return wrong_idx("its sizes " + inference::to_text(array.shape) + " of " +
                         std::string{inference::name_of(*type)} + " are not the " +
                         std::to_string(there) + " bytes that follow");
    return array;
}

}  // namespace samples
