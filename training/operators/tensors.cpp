#include "training/operators/tensors.hpp"

#include "training/operators/operator.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace training {
namespace {

using inference::DataType;

struct TypeNames {
    DataType ours;
    at::ScalarType theirs;
    std::int64_t number;
};

constexpr std::array<TypeNames, 10> types_known{{
    {DataType::BOOL, at::kBool, 9},
    {DataType::UINT8, at::kByte, 2},
    {DataType::INT8, at::kChar, 3},
    {DataType::INT16, at::kShort, 5},
    {DataType::INT32, at::kInt, 6},
    {DataType::INT64, at::kLong, 7},
    {DataType::FP16, at::kHalf, 10},
    {DataType::BF16, at::kBFloat16, 16},
    {DataType::FP32, at::kFloat, 1},
    {DataType::FP64, at::kDouble, 11},
}};

}  // namespace

std::optional<at::ScalarType> scalar_type_of(DataType type)
{
    for (const auto& row : types_known)
        if (row.ours == type) return row.theirs;
    return {};
}

at::ScalarType scalar_type_numbered(std::int64_t number)
{
    for (const auto& row : types_known)
        if (row.number == number) return row.theirs;
    unsupported("the type with number " + std::to_string(number));
}

bool has_scalar_type(std::int64_t number)
{
    return std::ranges::any_of(types_known, [&](const auto& row) { return row.number == number; });
}

DataType datatype_of(at::ScalarType type)
{
    for (const auto& row : types_known)
        if (row.theirs == type) return row.ours;
    unsupported("a result of a type that ONNX has not");
}

at::Tensor to_torch(const inference::Tensor& tensor)
{
    const auto type = scalar_type_of(tensor.type);
    if (!type) unsupported("tensors of type " + std::string{inference::name_of(tensor.type)});
    const auto count = inference::element_count(tensor.shape, UINT64_MAX / 8);
    require(count && *count * inference::size_of(tensor.type) == tensor.data.size(),
            "'" + tensor.name + "' does not hold what its shape says");
    auto made = at::empty(tensor.shape, at::TensorOptions{*type});
    if (!tensor.data.empty()) std::memcpy(made.data_ptr(), tensor.data.data(), tensor.data.size());
    return made;
}

inference::Tensor from_torch(const at::Tensor& tensor, std::string name)
{
    const auto whole = tensor.detach().contiguous();
    inference::Tensor made{std::move(name), datatype_of(tensor.scalar_type()), tensor.sizes().vec(),
                           inference::Bytes(whole.nbytes())};
    if (!made.data.empty()) std::memcpy(made.data.data(), whole.data_ptr(), made.data.size());
    return made;
}

}  // namespace training
