#include "inference/model/inspect.hpp"

#include "inference/model/canonical.hpp"
#include "inference/model/constant_growth.hpp"
#include "inference/model/onnx_reader.hpp"

#include <onnx/defs/schema.h>

#include <map>
#include <optional>

namespace inference {
namespace {

using Types = std::map<std::string, DataType>;
using Uses = std::map<std::pair<std::string, std::string>, OperatorUse>;

// The type that an attribute names or carries: Cast's `to`, Constant's `value`.
std::optional<DataType> type_in_attributes(const onnx::NodeProto& node)
{
    for (const auto& attribute : node.attribute()) {
        if (attribute.name() == "to" || attribute.name() == "dtype")
            return datatype_of(static_cast<std::int32_t>(attribute.i()));
        if (attribute.name() == "value" && attribute.has_t())
            return datatype_of(attribute.t().data_type());
        if (attribute.name() == "value_float" || attribute.name() == "value_floats")
            return DataType::FP32;
        if (attribute.name() == "value_int" || attribute.name() == "value_ints")
            return DataType::INT64;
    }
    return {};
}

// "tensor(float)" as operator schemas spell a fixed type.
std::optional<DataType> type_spelled(const std::string& text)
{
    static const std::map<std::string, DataType> spelled{
        {"tensor(bool)", DataType::BOOL},    {"tensor(uint8)", DataType::UINT8},
        {"tensor(int8)", DataType::INT8},    {"tensor(int32)", DataType::INT32},
        {"tensor(int64)", DataType::INT64},  {"tensor(float16)", DataType::FP16},
        {"tensor(float)", DataType::FP32},   {"tensor(double)", DataType::FP64},
        {"tensor(string)", DataType::BYTES},
    };
    const auto found = spelled.find(text);
    if (found == spelled.end()) return {};
    return found->second;
}

class Collector {
public:
    Collector(const onnx::ModelProto& model, ModelSummary& into) : into_{into}
    {
        for (const auto& import : model.opset_import())
            opsets_[plain_domain(import.domain())] = static_cast<int>(import.version());
    }

    // Names are unique across nested graphs (the checker sees to it), so one map serves all.
    void graph(const onnx::GraphProto& graph)
    {
        for (const auto* values : {&graph.value_info(), &graph.input()})
            for (const auto& value : *values)
                if (const auto type = datatype_of(value.type().tensor_type().elem_type()))
                    types_.insert_or_assign(value.name(), *type);
        for (const auto& tensor : graph.initializer())
            types_.insert_or_assign(tensor.name(), *datatype_of(tensor.data_type()));
        for (const auto& node : graph.node()) {
            visit(node);
            for (const auto& attribute : node.attribute()) {
                if (attribute.has_g()) this->graph(attribute.g());
                for (const auto& inner : attribute.graphs()) this->graph(inner);
            }
        }
    }

    void finish()
    {
        for (auto& [key, use] : uses_) into_.operators.push_back(std::move(use));
    }

private:
    void visit(const onnx::NodeProto& node)
    {
        const std::string domain = plain_domain(node.domain());
        const auto* schema =
            onnx::OpSchemaRegistry::Schema(node.op_type(), opsets_[domain], domain);
        if (schema == nullptr) return;  // read_onnx has refused such a model
        ++into_.nodes;
        auto& use = uses_[{domain, node.op_type()}];
        use.domain = domain.empty() ? "ai.onnx" : domain;
        use.op = node.op_type();
        use.since = schema->since_version();
        ++use.nodes;

        Types bound;  // type variables of the schema, by what this node is fed
        for (int i = 0; i < node.input_size(); ++i) {
            const auto known = types_.find(node.input(i));
            if (known == types_.end()) continue;
            use.types.insert(known->second);
            if (const auto* formal = nth(schema->inputs(), i))
                bound.emplace(formal->GetTypeStr(), known->second);
        }
        for (int i = 0; i < node.output_size(); ++i) {
            const auto* formal = nth(schema->outputs(), i);
            if (formal == nullptr) continue;
            auto type = type_spelled(formal->GetTypeStr());
            if (const auto found = bound.find(formal->GetTypeStr()); found != bound.end())
                type = found->second;
            else if (!type)
                type = type_in_attributes(node);
            if (type) types_.insert_or_assign(node.output(i), *type);
        }
    }

    // The last formal parameter may stand for any number of actual ones.
    static const onnx::OpSchema::FormalParameter* nth(
        const std::vector<onnx::OpSchema::FormalParameter>& formals, int index)
    {
        if (formals.empty()) return nullptr;
        const auto at = static_cast<std::size_t>(index);
        return at < formals.size() ? &formals[at] : &formals.back();
    }

    ModelSummary& into_;
    std::map<std::string, int> opsets_;
    Types types_;
    Uses uses_;
};

}  // namespace

ledger::Result<ModelSummary> inspect_model(ledger::ByteView file, const ModelLimits& limits)
{
    auto model = read_onnx(file, limits);
    if (!model) return model.error();
    ModelSummary summary;
    summary.file_bytes = file.size();
    summary.ir_version = model->ir_version();
    summary.io = io_of(*model);
    for (const auto& import : model->opset_import())
        if (*plain_domain(import.domain()) == '\0') summary.opset = import.version();
    for (const auto& tensor : model->graph().initializer()) {
        const auto type = *datatype_of(tensor.data_type());
        if (type == DataType::BYTES || type == DataType::BOOL) continue;
        summary.parameters += elements_of(tensor);
        summary.parameter_bytes += elements_of(tensor) * size_of(type);
    }
    Collector collector{*model, summary};
    collector.graph(model->graph());
    collector.finish();
    summary.constants_stay_small = constants_stay_small(*model, limits.folded_elements);
    const auto canonical = canonical_of(std::move(*model), WeightBytes::drop);
    summary.content_id = canonical.content_id;
    summary.skeleton_hash = canonical.skeleton_hash;
    summary.tensor_root = canonical.tensor_root;
    return summary;
}

}  // namespace inference
