#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>

namespace inference {

/// What a model file from a stranger may cost us. Each is checked before the thing it bounds is
/// allocated, and all of them before a session is made.
struct ModelLimits {
    std::size_t file_bytes = 256u << 20;
    /// Messages and strings in the file. A message of two bytes becomes an object of a few
    /// hundred, so this is what bounds the memory of parsing.
    std::size_t messages = 400'000;
    /// Integers outside raw_data (sizes, attributes, typed tensor data): one byte may become eight.
    std::size_t loose_numbers = 16u << 20;
    /// Nested messages of any kind.
    std::size_t depth = 40;
    /// Graphs inside nodes (If, Loop, Scan); 0 forbids them.
    std::size_t control_flow_depth = 3;
    std::size_t nodes = 20'000;
    std::size_t initializers = 20'000;
    /// Elements of one tensor, and of all tensors of the file together.
    std::uint64_t tensor_elements = 128u << 20;
    std::uint64_t all_elements = 256u << 20;
    /// Elements of a value that may be computed from constants while loading.
    std::uint64_t folded_elements = 16u << 20;
    std::size_t dimensions = 8;
    std::size_t name_bytes = 1024;
    /// One string attribute or documentation string.
    std::size_t text_bytes = 1u << 20;
    std::size_t inputs = 64;
    std::size_t outputs = 64;
    /// The newest ai.onnx operator set that the format's library knows here.
    std::int64_t opset = 17;
    std::int64_t ml_opset = 3;
    /// Operators that may stand in the graph, "ai.onnx.ml." before those of that set; empty: all of
    /// both sets. Graphs inside nodes count.
    std::set<std::string, std::less<>> operators;
};

}  // namespace inference
