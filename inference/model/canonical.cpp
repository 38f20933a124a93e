#include "inference/model/canonical.hpp"

#include "inference/model/onnx_reader.hpp"
#include "inference/model/tensor.hpp"
#include "inference/model/tensor_proto.hpp"
#include "ledger/crypto/hash.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

namespace inference {
namespace {

using ledger::Bytes;
using ledger::ByteView;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Hash;
using ledger::Result;
using ledger::Sha256;

template <class Integer>
void update(Sha256& hasher, Integer value)
{
    std::uint8_t bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    hasher.update(bytes);
}

void clean(onnx::GraphProto& graph);

void clean(onnx::SparseTensorProto& sparse)
{
    make_raw(*sparse.mutable_values());
    make_raw(*sparse.mutable_indices());
}

void clean(onnx::NodeProto& node)
{
    node.clear_doc_string();
    if (node.domain().empty()) node.clear_domain();
    for (auto& attribute : *node.mutable_attribute()) {
        attribute.clear_doc_string();
        if (attribute.has_t()) make_raw(*attribute.mutable_t());
        for (auto& tensor : *attribute.mutable_tensors()) make_raw(tensor);
        if (attribute.has_sparse_tensor()) clean(*attribute.mutable_sparse_tensor());
        for (auto& sparse : *attribute.mutable_sparse_tensors()) clean(sparse);
        if (attribute.has_g()) clean(*attribute.mutable_g());
        for (auto& graph : *attribute.mutable_graphs()) clean(graph);
    }
}

void clean(onnx::GraphProto& graph)
{
    graph.clear_doc_string();
    for (auto* values : {graph.mutable_input(), graph.mutable_output(), graph.mutable_value_info()})
        for (auto& value : *values) value.clear_doc_string();
    for (auto& node : *graph.mutable_node()) clean(node);
    for (auto& tensor : *graph.mutable_initializer()) make_raw(tensor);
    for (auto& sparse : *graph.mutable_sparse_initializer()) clean(sparse);
}

void clean(onnx::ModelProto& model)
{
    model.DiscardUnknownFields();
    model.clear_doc_string();
    model.clear_producer_name();
    model.clear_producer_version();
    model.clear_model_version();
    std::ranges::sort(*model.mutable_opset_import(), {},
                      [](const onnx::OperatorSetIdProto& import) { return import.domain(); });
    clean(*model.mutable_graph());
}

Bytes serialised(const onnx::ModelProto& model)
{
    Bytes bytes(model.ByteSizeLong());
    google::protobuf::io::ArrayOutputStream array{bytes.data(), static_cast<int>(bytes.size())};
    google::protobuf::io::CodedOutputStream stream{&array};
    stream.SetSerializationDeterministic(true);
    model.SerializeWithCachedSizes(&stream);
    return bytes;
}

}  // namespace

Hash tensor_leaf(const WeightTensor& tensor, ByteView data)
{
    Sha256 hasher;
    update(hasher, std::uint8_t{0});
    update(hasher, static_cast<std::uint64_t>(tensor.name.size()));
    hasher.update(ledger::as_bytes(tensor.name));
    update(hasher, static_cast<std::uint32_t>(onnx_type_of(tensor.type)));
    update(hasher, static_cast<std::uint32_t>(tensor.dims.size()));
    for (const auto size : tensor.dims) update(hasher, size);
    update(hasher, static_cast<std::uint64_t>(data.size()));
    hasher.update(data);
    return hasher.finish();
}

Hash merkle_root(std::span<const Hash> leaves)
{
    Sha256 hasher;
    if (leaves.size() == 1) return leaves.front();
    update(hasher, std::uint8_t{2});
    if (leaves.empty()) return hasher.finish();
    const auto left = std::bit_floor(leaves.size() - 1);
    hasher.update(merkle_root(leaves.first(left)).view());
    hasher.update(merkle_root(leaves.subspan(left)).view());
    return hasher.finish();
}

CanonicalModel canonical_of(onnx::ModelProto model, WeightBytes weights)
{
    clean(model);
    CanonicalModel canonical;
    auto& initializers = *model.mutable_graph()->mutable_initializer();
    std::ranges::sort(initializers, {}, [](const onnx::TensorProto& t) { return t.name(); });
    std::vector<Hash> leaves;
    for (auto& initializer : initializers) {
        WeightTensor tensor;
        tensor.name = initializer.name();
        tensor.type = *datatype_of(initializer.data_type());
        tensor.dims.assign(initializer.dims().begin(), initializer.dims().end());
        tensor.data = raw_bytes(initializer);
        tensor.leaf = tensor_leaf(tensor, tensor.data);
        if (weights == WeightBytes::drop) Bytes{}.swap(tensor.data);
        leaves.push_back(tensor.leaf);
        initializer.clear_raw_data();
        initializer.clear_string_data();
        canonical.tensors.push_back(std::move(tensor));
    }
    canonical.skeleton = serialised(model);
    canonical.skeleton_hash = ledger::sha256(canonical.skeleton);
    canonical.tensor_root = merkle_root(leaves);
    Sha256 hasher;
    update(hasher, std::uint8_t{1});
    hasher.update(canonical.skeleton_hash.view());
    hasher.update(canonical.tensor_root.view());
    canonical.content_id = ledger::retag<ContentId>(hasher.finish());
    return canonical;
}

Result<CanonicalModel> canonicalise(ByteView file, const ModelLimits& limits, WeightBytes weights)
{
    auto model = read_onnx(file, limits);
    if (!model) return model.error();
    return canonical_of(std::move(*model), weights);
}

Result<Bytes> assemble(ByteView skeleton, std::span<const WeightTensor> tensors,
                       const ModelLimits& limits)
{
    const auto wrong = [](std::string why) { return Error{ErrorKind::invalid, std::move(why)}; };
    onnx::ModelProto model;
    if (skeleton.size() > limits.file_bytes ||
        !model.ParseFromArray(skeleton.data(), static_cast<int>(skeleton.size())))
        return wrong("the skeleton is not an ONNX model");
    auto& initializers = *model.mutable_graph()->mutable_initializer();
    if (static_cast<std::size_t>(initializers.size()) != tensors.size())
        return wrong("the skeleton has " + std::to_string(initializers.size()) + " tensors, " +
                     std::to_string(tensors.size()) + " are given");
    std::size_t bytes = skeleton.size();
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        auto& initializer = initializers[static_cast<int>(i)];
        const auto& tensor = tensors[i];
        if (initializer.name() != tensor.name ||
            initializer.data_type() != onnx_type_of(tensor.type) ||
            !std::ranges::equal(initializer.dims(), tensor.dims))
            return wrong("tensor '" + tensor.name + "' is not what the skeleton has in its place");
        bytes += tensor.data.size() + 16;
        if (bytes > limits.file_bytes) return wrong("the model is too large");
        if (tensor.type != DataType::BYTES) {
            initializer.set_raw_data(tensor.data.data(), tensor.data.size());
            continue;
        }
        const auto count = elements_of(initializer);
        const auto elements = split_strings(tensor.data, count);
        if (!elements) return wrong("tensor '" + tensor.name + "' does not hold its strings");
        for (const auto element : *elements)
            initializer.add_string_data(element.data(), element.size());
    }
    auto file = serialised(model);
    if (auto good = read_onnx(file, limits); !good) return good.error();
    return file;
}

}  // namespace inference
