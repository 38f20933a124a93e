#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/draws.hpp"

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

/// Parts of a graph, written one after the other. For this folder.
namespace inference::architectures {

using Shape = std::vector<std::int64_t>;
using Ints = std::vector<std::int64_t>;

/// How far from 0 first weights go.
struct Spread {
    double bound = 0;
    static Spread before_relu(std::int64_t inputs);
    static Spread elsewhere(std::int64_t inputs, std::int64_t outputs);
};

class GraphWriter {
public:
    /// Tensors beyond `most_parameters` elements are not made, and `fits` says so at the end.
    GraphWriter(const std::string& name, std::uint64_t seed, std::uint64_t most_parameters);

    /// `rest` follows the batch, which is left open.
    void input(const std::string& name, const Shape& rest);
    void output(const std::string& name, const Shape& rest,
                onnx::TensorProto::DataType type = onnx::TensorProto::FLOAT);

    /// A node with one output, whose name it has.
    onnx::NodeProto& node(const std::string& op, const std::vector<std::string>& inputs,
                          const std::string& output);
    static void set(onnx::NodeProto& node, const std::string& name, std::int64_t value);
    static void set(onnx::NodeProto& node, const std::string& name, float value);
    static void set(onnx::NodeProto& node, const std::string& name, const Ints& values);

    /// Tensors that training may change.
    void weights(const std::string& name, const Shape& shape, Spread spread);
    void constant_weights(const std::string& name, const Shape& shape, float value);
    void values(const std::string& name, const Shape& shape, const std::vector<float>& values);
    /// Whole numbers that belong to the graph, as the shape that something is brought into.
    void constant(const std::string& name, const Ints& values);

    bool fits() const { return fits_; }
    /// Whether every value has a name of its own; the input's comes from outside.
    bool has_own_names() const { return has_own_names_; }
    ledger::Bytes bytes() const;

private:
    /// How many elements these are, where there is room for them.
    std::optional<std::size_t> room_for(const Shape& shape);
    void add(const std::string& name, const Shape& shape, const std::vector<float>& values);
    void take_name(const std::string& name);

    onnx::ModelProto model_;
    std::uint64_t seed_;
    std::uint64_t room_;
    std::uint64_t tensors_ = 0;
    bool fits_ = true;
    std::set<std::string> names_;
    bool has_own_names_ = true;
};

}  // namespace inference::architectures
