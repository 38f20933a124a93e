#include "inference/onnx_engine_values.hpp"

#include <array>
#include <cstring>
#include <utility>

namespace inference {
namespace {

constexpr std::array<std::pair<DataType, ONNXTensorElementDataType>, 14> types{{
    {DataType::BOOL, ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL},
    {DataType::UINT8, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8},
    {DataType::UINT16, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16},
    {DataType::UINT32, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32},
    {DataType::UINT64, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64},
    {DataType::INT8, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8},
    {DataType::INT16, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16},
    {DataType::INT32, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32},
    {DataType::INT64, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64},
    {DataType::FP16, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16},
    {DataType::BF16, ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16},
    {DataType::FP32, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT},
    {DataType::FP64, ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE},
    {DataType::BYTES, ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING},
}};

const OrtMemoryInfo* cpu_memory()
{
    static const auto info = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    return info;
}

Tensor strings(Tensor tensor, const Ort::Value& value, std::size_t count)
{
    const auto text_bytes = value.GetStringTensorDataLength();
    std::string text(text_bytes, '\0');
    std::vector<std::size_t> starts(count);
    if (count != 0)
        value.GetStringTensorContent(text.data(), text_bytes, starts.data(), starts.size());
    tensor.data.reserve(text_bytes + 4 * count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto end = i + 1 < count ? starts[i + 1] : text_bytes;
        append_string(tensor.data,
                      ledger::as_bytes(std::string_view{text}.substr(starts[i], end - starts[i])));
    }
    return tensor;
}

}  // namespace

Ort::Value to_value(const Tensor& tensor)
{
    const auto type = types[static_cast<std::size_t>(tensor.type)].second;
    if (tensor.type != DataType::BYTES) {
        static std::uint64_t nothing = 0;  // empty tensors still want an address
        void* data = tensor.data.empty() ? static_cast<void*>(&nothing)
                                         : const_cast<std::uint8_t*>(tensor.data.data());
        return Ort::Value::CreateTensor(cpu_memory(), data, tensor.data.size(), tensor.shape.data(),
                                        tensor.shape.size(), type);
    }
    Ort::AllocatorWithDefaultOptions allocator;
    auto value =
        Ort::Value::CreateTensor(allocator, tensor.shape.data(), tensor.shape.size(), type);
    const auto elements = split_strings(tensor.data, element_count(tensor.shape).value_or(0));
    for (std::size_t i = 0; elements && i < elements->size(); ++i) {
        const auto element = (*elements)[i];
        char* to = value.GetResizedStringTensorElementBuffer(i, element.size());
        if (!element.empty()) std::memcpy(to, element.data(), element.size());
    }
    return value;
}

Result<Tensor, InferError> to_tensor(const std::string& name, const Ort::Value& value,
                                     std::uint64_t& bytes_left)
{
    if (!value.IsTensor())
        return InferError{InferErrorKind::failed, "output '" + name + "' is not a tensor"};
    const auto info = value.GetTensorTypeAndShapeInfo();
    Tensor tensor;
    tensor.name = name;
    tensor.shape = info.GetShape();
    const auto element = info.GetElementType();
    bool known = false;
    for (const auto& [ours, theirs] : types) {
        if (theirs != element) continue;
        tensor.type = ours;
        known = true;
    }
    if (!known)
        return InferError{InferErrorKind::failed, "output '" + name + "' has no type we know"};
    const auto count = info.GetElementCount();
    const auto bytes = tensor.type == DataType::BYTES
                           ? value.GetStringTensorDataLength() + 4 * count
                           : count * size_of(tensor.type);
    if (bytes > bytes_left)
        return InferError{
            InferErrorKind::too_large,
            "output '" + name + "' has " + std::to_string(bytes) + " bytes, more than is allowed"};
    bytes_left -= bytes;
    if (tensor.type == DataType::BYTES) return strings(std::move(tensor), value, count);
    const auto* data = static_cast<const std::uint8_t*>(value.GetTensorRawData());
    if (bytes != 0) tensor.data.assign(data, data + bytes);
    return tensor;
}

}  // namespace inference
