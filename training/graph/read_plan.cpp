#include "training/graph/read_plan.hpp"

#include "inference/model/canonical.hpp"
#include "inference/model/onnx_reader.hpp"
#include "inference/model/tensor_proto.hpp"

#include <onnx/defs/schema.h>

#include <set>
#include <utility>

namespace training {
namespace {

using ledger::invalid;
using ledger::Result;

inference::Tensor tensor_of(const onnx::TensorProto& from)
{
    return {from.name(),
            *inference::datatype_of(from.data_type()),
            {from.dims().begin(), from.dims().end()},
            inference::raw_bytes(from)};
}

Attribute read_attribute(const onnx::AttributeProto& from)
{
    switch (from.type()) {
        case onnx::AttributeProto::INT:
            return from.i();
        case onnx::AttributeProto::FLOAT:
            return from.f();
        case onnx::AttributeProto::STRING:
            return from.s();
        case onnx::AttributeProto::INTS:
            return std::vector<std::int64_t>{from.ints().begin(), from.ints().end()};
        case onnx::AttributeProto::FLOATS:
            return std::vector<float>{from.floats().begin(), from.floats().end()};
        case onnx::AttributeProto::STRINGS:
            return std::vector<std::string>{from.strings().begin(), from.strings().end()};
        case onnx::AttributeProto::TENSOR:
            return tensor_of(from.t());
        default:
            return OtherAttribute{};
    }
}

class Planner {
public:
    explicit Planner(const onnx::ModelProto& model) : model_{model}
    {
        for (const auto& import : model.opset_import())
            versions_[import.domain()] = import.version();
        plan_.opset = versions_[""];
    }

    Result<Plan> run()
    {
        const auto& graph = model_.graph();
        if (graph.sparse_initializer_size() != 0) return invalid("a sparse initializer");
        const auto io = inference::io_of(model_);
        for (const auto& spec : io.inputs) plan_.inputs.push_back({define(spec.name), spec});
        for (const auto& tensor : graph.initializer()) define(tensor.name());
        for (const auto& node : graph.node())
            if (auto good = add(node); !good) return good.error();
        for (const auto& spec : io.outputs) {
            const auto value = places_.find(spec.name);
            if (value == places_.end())
                return invalid("nothing computes the output '" + spec.name + "'");
            plan_.outputs.push_back({value->second, spec});
        }
        mark_last_uses();
        plan_.model = inference::canonical_of(model_, inference::WeightBytes::keep);
        for (const auto& tensor : plan_.model.tensors)
            plan_.initializers.push_back(places_.at(tensor.name));
        return std::move(plan_);
    }

private:
    ValueIndex define(const std::string& name)
    {
        places_[name] = plan_.values.size();
        plan_.values.push_back(name);
        return plan_.values.size() - 1;
    }

    Result<void> add(const onnx::NodeProto& from)
    {
        Node node;
        node.name = from.name();
        node.domain = from.domain();
        node.op = from.op_type();
        const auto* schema = onnx::OpSchemaRegistry::Schema(
            node.op, static_cast<int>(versions_[node.domain]), node.domain);
        if (schema == nullptr) return invalid("there is no operator '" + node.op + "'");
        node.since = schema->SinceVersion();
        for (const auto& name : from.input()) {
            const auto value = places_.find(name);
            if (!name.empty() && value == places_.end())
                return invalid(label_of(node) + " is fed '" + name +
                               "', which nothing before it computes");
            node.inputs.push_back(name.empty() ? std::nullopt : std::optional{value->second});
        }
        for (const auto& name : from.output())
            node.outputs.push_back(name.empty() ? std::nullopt : std::optional{define(name)});
        for (const auto& attribute : from.attribute())
            node.attributes.emplace(attribute.name(), read_attribute(attribute));
        plan_.nodes.push_back(std::move(node));
        return {};
    }

    // From the end: the first time that a value is met is the last time that it is used.
    void mark_last_uses()
    {
        std::set<ValueIndex> needed;
        for (const auto& output : plan_.outputs) needed.insert(output.value);
        for (auto node = plan_.nodes.rbegin(); node != plan_.nodes.rend(); ++node)
            for (const auto* values : {&node->outputs, &node->inputs})
                for (const auto& value : *values)
                    if (value && needed.insert(*value).second) node->last_used.push_back(*value);
    }

    const onnx::ModelProto& model_;
    std::map<std::string, std::int64_t> versions_;
    std::map<std::string, ValueIndex, std::less<>> places_;
    Plan plan_;
};

}  // namespace

std::string label_of(const Node& node)
{
    return node.name.empty() ? node.op : node.op + " '" + node.name + "'";
}

Result<Plan> read_plan(ledger::ByteView file, const inference::ModelLimits& limits)
{
    const auto model = inference::read_onnx(file, limits);
    if (!model) return model.error();
    return Planner{*model}.run();
}

}  // namespace training
