#include "inference/model/onnx_reader.hpp"

#include "inference/model/tensor.hpp"
#include "inference/model/tensor_proto.hpp"
#include "inference/model/wire_scan.hpp"

#include <onnx/checker.h>
#include <onnx/defs/schema.h>

#include <array>
#include <exception>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace inference {
namespace {

using ledger::invalid;
using ledger::Result;

constexpr std::array<std::pair<std::int32_t, DataType>, 14> types{{
    {onnx::TensorProto::BOOL, DataType::BOOL},
    {onnx::TensorProto::UINT8, DataType::UINT8},
    {onnx::TensorProto::UINT16, DataType::UINT16},
    {onnx::TensorProto::UINT32, DataType::UINT32},
    {onnx::TensorProto::UINT64, DataType::UINT64},
    {onnx::TensorProto::INT8, DataType::INT8},
    {onnx::TensorProto::INT16, DataType::INT16},
    {onnx::TensorProto::INT32, DataType::INT32},
    {onnx::TensorProto::INT64, DataType::INT64},
    {onnx::TensorProto::FLOAT16, DataType::FP16},
    {onnx::TensorProto::BFLOAT16, DataType::BF16},
    {onnx::TensorProto::FLOAT, DataType::FP32},
    {onnx::TensorProto::DOUBLE, DataType::FP64},
    {onnx::TensorProto::STRING, DataType::BYTES},
}};

using Opsets = std::map<std::string, std::int64_t>;

Result<Opsets> opsets_of(const onnx::ModelProto& model, const ModelLimits& limits)
{
    Opsets versions;
    for (const auto& import : model.opset_import()) {
        const std::string domain = plain_domain(import.domain());
        if (!domain.empty() && domain != "ai.onnx.ml")
            return invalid("operators of the domain '" + domain + "' are not taken");
        const auto newest = domain.empty() ? limits.opset : limits.ml_opset;
        if (import.version() < 1 || import.version() > newest)
            return invalid("operator set " + (domain.empty() ? "ai.onnx" : domain) + " version " +
                           std::to_string(import.version()) + ", at most " +
                           std::to_string(newest) + " is taken");
        if (!versions.emplace(domain, import.version()).second)
            return invalid("an operator set is imported twice");
    }
    return versions;
}

// One graph and those inside its nodes; the wire scan has bounded how deep they nest.
class GraphChecker {
public:
    GraphChecker(const ModelLimits& limits, const Opsets& opsets) : limits_{limits}, opsets_{opsets}
    {
    }

    Result<void> graph(const onnx::GraphProto& graph)
    {
        initializers_ += static_cast<std::size_t>(graph.initializer_size()) +
                         static_cast<std::size_t>(graph.sparse_initializer_size());
        if (initializers_ > limits_.initializers)
            return invalid("more than " + std::to_string(limits_.initializers) + " initializers");
        std::set<std::string_view> names;
        for (const auto& initializer : graph.initializer()) {
            if (initializer.name().empty()) return invalid("an initializer has no name");
            if (!names.insert(initializer.name()).second)
                return invalid("two initializers are named '" + initializer.name() + "'");
            if (auto good = tensor(initializer); !good) return good;
        }
        for (const auto& initializer : graph.sparse_initializer())
            if (auto good = sparse(initializer); !good) return good;
        nodes_ += static_cast<std::size_t>(graph.node_size());
        if (nodes_ > limits_.nodes)
            return invalid("more than " + std::to_string(limits_.nodes) + " nodes");
        for (const auto& each : graph.node())
            if (auto good = node(each); !good) return good;
        return {};
    }

private:
    Result<void> node(const onnx::NodeProto& node)
    {
        const std::string domain = plain_domain(node.domain());
        const auto opset = opsets_.find(domain);
        if (opset == opsets_.end())
            return invalid("operator '" + node.op_type() + "' of the domain '" + domain +
                           "', which the model does not import");
        const auto* schema =
            onnx::OpSchemaRegistry::Schema(node.op_type(), static_cast<int>(opset->second), domain);
        if (schema == nullptr || schema->Deprecated())
            return invalid("operator '" + node.op_type() + "' is not in " +
                           (domain.empty() ? "ai.onnx" : domain) + " version " +
                           std::to_string(opset->second));
        if (!is_allowed(domain, node.op_type()))
            return invalid("operator '" + node.op_type() +
                           "' is not among those that this node allows");
        for (const auto& attribute : node.attribute())
            if (auto good = attribute_of(attribute); !good) return good;
        return {};
    }

    bool is_allowed(const std::string& domain, const std::string& name) const
    {
        if (limits_.operators.empty()) return true;
        return limits_.operators.contains(domain.empty() ? name : domain + "." + name);
    }

    Result<void> attribute_of(const onnx::AttributeProto& attribute)
    {
        if (attribute.has_ref_attr_name())
            return invalid("attribute '" + attribute.name() + "' refers to a function's");
        if (attribute.has_t())
            if (auto good = tensor(attribute.t()); !good) return good;
        for (const auto& each : attribute.tensors())
            if (auto good = tensor(each); !good) return good;
        if (attribute.has_sparse_tensor())
            if (auto good = sparse(attribute.sparse_tensor()); !good) return good;
        for (const auto& each : attribute.sparse_tensors())
            if (auto good = sparse(each); !good) return good;
        if (attribute.has_g())
            if (auto good = graph(attribute.g()); !good) return good;
        for (const auto& each : attribute.graphs())
            if (auto good = graph(each); !good) return good;
        return {};
    }

    Result<void> tensor(const onnx::TensorProto& each)
    {
        return check_tensor(each, limits_, elements_);
    }

    Result<void> sparse(const onnx::SparseTensorProto& each)
    {
        // A sparse tensor of a few bytes may stand for any number of elements.
        const std::vector<std::int64_t> dims{each.dims().begin(), each.dims().end()};
        const auto count = element_count(dims, limits_.tensor_elements);
        if (!count || dims.size() > limits_.dimensions)
            return invalid("a sparse tensor has the shape " + to_text(dims));
        elements_ += *count;
        if (auto good = tensor(each.values()); !good) return good;
        return tensor(each.indices());
    }

    const ModelLimits& limits_;
    const Opsets& opsets_;
    std::size_t nodes_ = 0;
    std::size_t initializers_ = 0;
    std::uint64_t elements_ = 0;
};

Result<void> check_io(const google::protobuf::RepeatedPtrField<onnx::ValueInfoProto>& values,
                      std::size_t most, const char* what, const ModelLimits& limits)
{
    if (static_cast<std::size_t>(values.size()) > most)
        return invalid("more than " + std::to_string(most) + " " + what + "s");
    std::set<std::string_view> names;
    for (const auto& value : values) {
        if (value.name().empty() || !names.insert(value.name()).second)
            return invalid(std::string{what} + " '" + value.name() + "' has no name of its own");
        const auto& type = value.type();
        if (!type.has_tensor_type() || !datatype_of(type.tensor_type().elem_type()))
            return invalid(std::string{what} + " '" + value.name() + "' is not a tensor");
        const auto& shape = type.tensor_type().shape();
        if (!type.tensor_type().has_shape())
            return invalid(std::string{what} + " '" + value.name() + "' has no shape");
        if (shape.dim_size() > static_cast<int>(limits.dimensions))
            return invalid(std::string{what} + " '" + value.name() + "' has " +
                           std::to_string(shape.dim_size()) + " dimensions");
        for (const auto& dim : shape.dim())
            if (dim.has_dim_value() && dim.dim_value() < 0)
                return invalid(std::string{what} + " '" + value.name() + "' has a negative size");
    }
    return {};
}

TensorSpec spec_of(const onnx::ValueInfoProto& value)
{
    TensorSpec spec;
    spec.name = value.name();
    spec.datatype = *datatype_of(value.type().tensor_type().elem_type());
    for (const auto& dim : value.type().tensor_type().shape().dim())
        spec.shape.push_back(dim.has_dim_value() ? dim.dim_value() : -1);
    return spec;
}

std::set<std::string_view> initialized(const onnx::GraphProto& graph)
{
    std::set<std::string_view> names;
    for (const auto& tensor : graph.initializer()) names.insert(tensor.name());
    for (const auto& tensor : graph.sparse_initializer()) names.insert(tensor.values().name());
    return names;
}

// The checker knows the plain operator set only as "".
void write_plain_domains(onnx::GraphProto& graph)
{
    for (auto& node : *graph.mutable_node()) {
        if (node.domain() == "ai.onnx") node.clear_domain();
        for (auto& attribute : *node.mutable_attribute()) {
            if (attribute.has_g()) write_plain_domains(*attribute.mutable_g());
            for (auto& inner : *attribute.mutable_graphs()) write_plain_domains(inner);
        }
    }
}

Result<void> check(const onnx::ModelProto& model, const ModelLimits& limits)
{
    const auto opsets = opsets_of(model, limits);
    if (!opsets) return opsets.error();
    if (!model.has_graph()) return invalid("the model has no graph");
    if (auto good = GraphChecker{limits, *opsets}.graph(model.graph()); !good) return good;
    const auto most_inputs =
        limits.inputs + static_cast<std::size_t>(model.graph().initializer_size());
    if (auto good = check_io(model.graph().input(), most_inputs, "input", limits); !good)
        return good;
    if (auto good = check_io(model.graph().output(), limits.outputs, "output", limits); !good)
        return good;
    if (model.graph().output_size() == 0) return invalid("the model has no output");
    if (io_of(model).inputs.size() > limits.inputs)
        return invalid("more than " + std::to_string(limits.inputs) + " inputs");
    return {};
}

}  // namespace

Result<onnx::ModelProto> read_onnx(ledger::ByteView file, const ModelLimits& limits)
{
    if (auto good = scan_wire(file, limits); !good) return good.error();
    try {
        onnx::ModelProto model;
        if (file.size() > INT32_MAX ||
            !model.ParseFromArray(file.data(), static_cast<int>(file.size())))
            return invalid("not an ONNX model");
        if (auto good = check(model, limits); !good) return good.error();
        write_plain_domains(*model.mutable_graph());
        for (auto& import : *model.mutable_opset_import())
            import.set_domain(plain_domain(import.domain()));
        onnx::checker::check_model(model);
        return model;
    } catch (const std::exception& error) {
        return invalid(std::string{"the ONNX checker refuses it: "} +
                       std::string{error.what()}.substr(0, 500));
    }
}

std::optional<DataType> datatype_of(std::int32_t onnx_type)
{
    for (const auto& [number, type] : types)
        if (number == onnx_type) return type;
    return {};
}

std::int32_t onnx_type_of(DataType type)
{
    return types[static_cast<std::size_t>(type)].first;
}

ModelIo io_of(const onnx::ModelProto& model)
{
    ModelIo io;
    const auto constant = initialized(model.graph());
    for (const auto& value : model.graph().input())
        if (!constant.contains(value.name())) io.inputs.push_back(spec_of(value));
    for (const auto& value : model.graph().output()) io.outputs.push_back(spec_of(value));
    return io;
}

std::uint64_t elements_of(const onnx::TensorProto& tensor)
{
    const std::vector<std::int64_t> dims{tensor.dims().begin(), tensor.dims().end()};
    return element_count(dims).value_or(0);
}

}  // namespace inference
