#pragma once

#include "inference/model/content_id.hpp"
#include "inference/model/tensor.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace training {

/// A graph inside a node (If, Loop, Scan), sparse tensors and lists of tensors: there, and not
/// read.
struct OtherAttribute {};

/// What an operator is told beside its inputs.
using Attribute =
    std::variant<OtherAttribute, std::int64_t, float, std::string, std::vector<std::int64_t>,
                 std::vector<float>, std::vector<std::string>, inference::Tensor>;

/// The place of a value in Plan::values.
using ValueIndex = std::size_t;

struct Node {
    std::string name;
    std::string domain;  ///< "" is ai.onnx
    std::string op;
    /// The version of the operator set that defines the operator as this model means it.
    std::int32_t since = 0;
    std::vector<std::optional<ValueIndex>> inputs;  ///< empty where an optional one is left out
    std::vector<std::optional<ValueIndex>> outputs;
    std::map<std::string, Attribute, std::less<>> attributes;
    /// Values that no later node and no output of the model needs: their memory ends here.
    std::vector<ValueIndex> last_used;
};

/// A value that comes from outside the nodes, or goes there.
struct Port {
    ValueIndex value = 0;
    inference::TensorSpec spec;
};

/// A model in the order in which it is computed, together with its canonical form, which trained
/// tensors are written back into.
struct Plan {
    std::int64_t opset = 0;
    std::vector<std::string> values;  ///< names, for messages
    std::vector<Port> inputs;
    std::vector<Port> outputs;
    /// For each of `model.tensors`, the value that it is.
    std::vector<ValueIndex> initializers;
    std::vector<Node> nodes;
    inference::CanonicalModel model;
};

/// "Conv 'layer1/conv'", or only "Conv" where the node has no name.
std::string label_of(const Node& node);

}  // namespace training
