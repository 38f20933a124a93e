#include "inference/model/datatype.hpp"

#include <algorithm>

namespace inference {
namespace {

struct Row {
    DataType type;
    std::string_view name;
    std::size_t bytes;
};

constexpr std::array rows{
    Row{DataType::BOOL, "BOOL", 1},     Row{DataType::UINT8, "UINT8", 1},
    Row{DataType::UINT16, "UINT16", 2}, Row{DataType::UINT32, "UINT32", 4},
    Row{DataType::UINT64, "UINT64", 8}, Row{DataType::INT8, "INT8", 1},
    Row{DataType::INT16, "INT16", 2},   Row{DataType::INT32, "INT32", 4},
    Row{DataType::INT64, "INT64", 8},   Row{DataType::FP16, "FP16", 2},
    Row{DataType::BF16, "BF16", 2},     Row{DataType::FP32, "FP32", 4},
    Row{DataType::FP64, "FP64", 8},     Row{DataType::BYTES, "BYTES", 0},
};

const TensorSpec* find(const std::vector<TensorSpec>& among, std::string_view name)
{
    const auto found = std::ranges::find(among, name, &TensorSpec::name);
    return found == among.end() ? nullptr : &*found;
}

}  // namespace

std::string_view name_of(DataType type)
{
    return rows[static_cast<std::size_t>(type)].name;
}

std::optional<DataType> datatype_named(std::string_view name)
{
    const auto found = std::ranges::find(rows, name, &Row::name);
    if (found == rows.end()) return {};
    return found->type;
}

std::size_t size_of(DataType type)
{
    return rows[static_cast<std::size_t>(type)].bytes;
}

const TensorSpec* ModelIo::input(std::string_view name) const
{
    return find(inputs, name);
}

const TensorSpec* ModelIo::output(std::string_view name) const
{
    return find(outputs, name);
}

std::string to_text(const std::vector<std::int64_t>& shape)
{
    std::string text = "[";
    for (const auto size : shape) {
        if (text.size() > 1) text += ',';
        text += std::to_string(size);
    }
    return text + ']';
}

}  // namespace inference
