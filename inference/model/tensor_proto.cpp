#include "inference/model/tensor_proto.hpp"

#include "inference/model/onnx_reader.hpp"
#include "inference/model/tensor.hpp"

#include <algorithm>
#include <cstring>
#include <string>

namespace inference {
namespace {

using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

// Typed data is wider in the file than in the tensor: INT8 and FP16 sit in int32_data.
template <class Narrow, class Field>
Bytes narrowed(const Field& field)
{
    Bytes bytes(static_cast<std::size_t>(field.size()) * sizeof(Narrow));
    auto* to = bytes.data();
    for (const auto value : field) {
        const auto narrow = static_cast<Narrow>(value);
        std::memcpy(to, &narrow, sizeof narrow);
        to += sizeof narrow;
    }
    return bytes;
}

template <class Narrow>
bool all_fit(const onnx::TensorProto& tensor)
{
    return std::ranges::all_of(tensor.int32_data(), [](std::int32_t value) {
        return static_cast<std::int32_t>(static_cast<Narrow>(value)) == value;
    });
}

// Values that do not fit their type would be cut off, by each reader in its own way.
bool int32_data_fits(const onnx::TensorProto& tensor, DataType type)
{
    switch (type) {
        case DataType::BOOL:
            return std::ranges::all_of(tensor.int32_data(),
                                       [](auto v) { return v == 0 || v == 1; });
        case DataType::INT8:
            return all_fit<std::int8_t>(tensor);
        case DataType::UINT8:
            return all_fit<std::uint8_t>(tensor);
        case DataType::INT16:
            return all_fit<std::int16_t>(tensor);
        case DataType::UINT16:
        case DataType::FP16:
        case DataType::BF16:
            return all_fit<std::uint16_t>(tensor);
        default:
            return true;
    }
}

int typed_size(const onnx::TensorProto& tensor, DataType type)
{
    switch (type) {
        case DataType::FP32:
            return tensor.float_data_size();
        case DataType::FP64:
            return tensor.double_data_size();
        case DataType::INT64:
            return tensor.int64_data_size();
        case DataType::UINT32:
        case DataType::UINT64:
            return tensor.uint64_data_size();
        case DataType::BYTES:
            return tensor.string_data_size();
        default:
            return tensor.int32_data_size();
    }
}

}  // namespace

Result<void> check_tensor(const onnx::TensorProto& tensor, const ModelLimits& limits,
                          std::uint64_t& all_elements)
{
    const auto wrong = [&](const std::string& why) {
        return Error{ErrorKind::invalid, "tensor '" + tensor.name() + "' " + why};
    };
    if (tensor.data_location() != onnx::TensorProto::DEFAULT || tensor.external_data_size() != 0)
        return wrong("keeps its data in another file");
    if (tensor.has_segment()) return wrong("comes in segments");
    const auto type = datatype_of(tensor.data_type());
    if (!type) return wrong("has type " + std::to_string(tensor.data_type()));
    if (tensor.dims_size() > static_cast<int>(limits.dimensions))
        return wrong("has " + std::to_string(tensor.dims_size()) + " dimensions");
    const std::vector<std::int64_t> dims{tensor.dims().begin(), tensor.dims().end()};
    const auto count = element_count(dims, limits.tensor_elements);
    if (!count) return wrong("has the shape " + to_text(dims));
    all_elements += *count;
    if (all_elements > limits.all_elements)
        return wrong("brings the model above " + std::to_string(limits.all_elements) + " elements");

    const auto fields = tensor.float_data_size() + tensor.double_data_size() +
                        tensor.int32_data_size() + tensor.int64_data_size() +
                        tensor.uint64_data_size() + tensor.string_data_size();
    const auto typed = typed_size(tensor, *type);
    if (fields != typed) return wrong("keeps its data in a field of another type");
    if (tensor.has_raw_data() && !(tensor.raw_data().empty() && *count == 0) && typed != 0)
        return wrong("holds its data twice");
    if (typed != 0 || (*type == DataType::BYTES)) {
        if (static_cast<std::uint64_t>(typed) != *count)
            return wrong("has " + std::to_string(typed) + " elements, its shape " + to_text(dims) +
                         " needs " + std::to_string(*count));
        if (!int32_data_fits(tensor, *type)) return wrong("has a value outside its type");
        if (*type == DataType::UINT32 &&
            std::ranges::any_of(tensor.uint64_data(), [](auto v) { return v > UINT32_MAX; }))
            return wrong("has a value outside its type");
        return {};
    }
    if (tensor.raw_data().size() != *count * size_of(*type))
        return wrong("has " + std::to_string(tensor.raw_data().size()) + " bytes, its shape " +
                     to_text(dims) + " needs " + std::to_string(*count * size_of(*type)));
    if (*type == DataType::BOOL &&
        std::ranges::any_of(tensor.raw_data(), [](char c) { return c != 0 && c != 1; }))
        return wrong("has a boolean that is neither 0 nor 1");
    return {};
}

Bytes raw_bytes(const onnx::TensorProto& tensor)
{
    const auto type = *datatype_of(tensor.data_type());
    if (type == DataType::BYTES) {
        Bytes bytes;
        for (const auto& element : tensor.string_data())
            append_string(bytes, ledger::as_bytes(element));
        return bytes;
    }
    if (typed_size(tensor, type) == 0) {
        const auto view = ledger::as_bytes(tensor.raw_data());
        return {view.begin(), view.end()};
    }
    switch (type) {
        case DataType::FP32:
            return narrowed<float>(tensor.float_data());
        case DataType::FP64:
            return narrowed<double>(tensor.double_data());
        case DataType::INT64:
            return narrowed<std::int64_t>(tensor.int64_data());
        case DataType::UINT64:
            return narrowed<std::uint64_t>(tensor.uint64_data());
        case DataType::UINT32:
            return narrowed<std::uint32_t>(tensor.uint64_data());
        case DataType::INT32:
            return narrowed<std::int32_t>(tensor.int32_data());
        case DataType::BOOL:
        case DataType::INT8:
        case DataType::UINT8:
            return narrowed<std::uint8_t>(tensor.int32_data());
        default:
            return narrowed<std::uint16_t>(tensor.int32_data());
    }
}

void make_raw(onnx::TensorProto& tensor)
{
    tensor.clear_doc_string();
    tensor.clear_data_location();
    if (datatype_of(tensor.data_type()) == DataType::BYTES) {
        tensor.clear_raw_data();
        return;
    }
    const auto bytes = raw_bytes(tensor);
    tensor.clear_float_data();
    tensor.clear_double_data();
    tensor.clear_int32_data();
    tensor.clear_int64_data();
    tensor.clear_uint64_data();
    tensor.set_raw_data(bytes.data(), bytes.size());
}

}  // namespace inference
