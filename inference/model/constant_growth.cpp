#include "inference/model/constant_growth.hpp"

#include "inference/model/onnx_reader.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace inference {
namespace {

// Operators whose outputs have at most as many elements as the product of what they are fed
// (broadcasting, products, concatenation), whatever their attributes say.
const std::set<std::string_view> bounded{
    "Abs",
    "Add",
    "And",
    "Cast",
    "CastLike",
    "Ceil",
    "Clip",
    "Concat",
    "Cos",
    "Div",
    "Dropout",
    "Equal",
    "Erf",
    "Exp",
    "Flatten",
    "Floor",
    "Gather",
    "Gemm",
    "Greater",
    "Identity",
    "Less",
    "Log",
    "MatMul",
    "Max",
    "Min",
    "Mod",
    "Mul",
    "Neg",
    "Not",
    "Or",
    "Pow",
    "Reciprocal",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceProd",
    "ReduceSum",
    "Relu",
    "Reshape",
    "Round",
    "Shape",
    "Sigmoid",
    "Sign",
    "Sin",
    "Size",
    "Slice",
    "Softmax",
    "Split",
    "Sqrt",
    "Squeeze",
    "Sub",
    "Sum",
    "Tanh",
    "Transpose",
    "Unsqueeze",
    "Where",
    "QuantizeLinear",
    "DequantizeLinear",
};

class Folder {
public:
    explicit Folder(std::uint64_t most) : most_{most} {}

    bool graph(const onnx::GraphProto& graph)
    {
        for (const auto& tensor : graph.initializer()) sizes_[tensor.name()] = elements_of(tensor);
        for (const auto& tensor : graph.sparse_initializer()) {
            std::uint64_t count = 1;
            for (const auto size : tensor.dims()) count *= static_cast<std::uint64_t>(size);
            sizes_[tensor.values().name()] = count;
        }
        return std::ranges::all_of(graph.node(), [&](const auto& node) { return visit(node); });
    }

private:
    bool visit(const onnx::NodeProto& node)
    {
        for (const auto& attribute : node.attribute()) {
            if (attribute.has_g() && !graph(attribute.g())) return false;
            for (const auto& inner : attribute.graphs())
                if (!graph(inner)) return false;
        }
        const auto size = folded_size(node);
        if (!size) return true;  // depends on an input
        if (*size > most_) return false;
        for (const auto& output : node.output()) sizes_[output] = *size;
        return true;
    }

    // Empty unless all that the node is fed is constant; above `most_` where it has no bound.
    std::optional<std::uint64_t> folded_size(const onnx::NodeProto& node)
    {
        std::uint64_t product = 1;
        std::uint64_t sum = 0;
        for (const auto& input : node.input()) {
            if (input.empty()) continue;
            const auto known = sizes_.find(input);
            if (known == sizes_.end()) return {};
            const auto count = std::clamp<std::uint64_t>(known->second, 1, most_ + 1);
            product = std::min(product * count, most_ + 1);
            sum += known->second;
        }
        if (node.op_type() == "Constant") {
            for (const auto& attribute : node.attribute())
                if (attribute.has_t()) return elements_of(attribute.t());
            return 1 + static_cast<std::uint64_t>(node.ByteSizeLong());
        }
        if (!node.domain().empty() || !bounded.contains(node.op_type())) return most_ + 1;
        if (node.op_type() == "Shape" || node.op_type() == "Size") return 8;
        return std::max(product, sum);
    }

    const std::uint64_t most_;
    std::map<std::string, std::uint64_t> sizes_;
};

}  // namespace

bool constants_stay_small(const onnx::ModelProto& model, std::uint64_t most_elements)
{
    return Folder{std::min<std::uint64_t>(most_elements, UINT32_MAX - 1)}.graph(model.graph());
}

}  // namespace inference
