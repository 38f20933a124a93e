#include "samples/array_file.hpp"
#include "wallet/tensors/input.hpp"

#include <cstring>

namespace wallet {
namespace {

using inference::DataType;
using ledger::Bytes;
using ledger::ByteView;

Bytes narrowed(ByteView doubles)
{
    Bytes floats(doubles.size() / 2);
    for (std::size_t i = 0; i < doubles.size() / 8; ++i) {
        double value = 0;
        std::memcpy(&value, doubles.data() + 8 * i, 8);
        const auto narrow = static_cast<float>(value);
        std::memcpy(floats.data() + 4 * i, &narrow, 4);
    }
    return floats;
}

}  // namespace

ledger::Result<inference::Tensor> tensor_from_npy(ByteView file, const inference::TensorSpec& spec)
{
    auto array = samples::read_npy(file);
    if (!array) return array.error();
    const auto data = file.subspan(array->data);
    inference::Tensor tensor{spec.name, array->type, std::move(array->shape), {}};
    if (array->type == DataType::FP64 && spec.datatype == DataType::FP32) {
        tensor.type = DataType::FP32;
        tensor.data = narrowed(data);
    } else {
        tensor.data.assign(data.begin(), data.end());
    }
    if (tensor.shape.size() + 1 == spec.shape.size()) tensor.shape.insert(tensor.shape.begin(), 1);
    if (const auto fault = inference::fault_of(tensor, spec))
        return ledger::invalid("the npy file cannot be used: " + *fault);
    return tensor;
}

}  // namespace wallet
