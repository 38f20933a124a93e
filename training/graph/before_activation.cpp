#include "training/graph/before_activation.hpp"

#include <algorithm>

namespace training {
namespace {

std::int64_t axis_of(const Node& node)
{
    const auto found = node.attributes.find("axis");
    if (found != node.attributes.end())
        if (const auto* axis = std::get_if<std::int64_t>(&found->second)) return *axis;
    return node.since >= 13 ? -1 : 1;
}

LastStep step_of(const Node& node, std::size_t rank)
{
    if (node.op == "Sigmoid") return LastStep::sigmoid;
    if (node.op != "Softmax" && node.op != "LogSoftmax") return LastStep::none;
    const auto axis = axis_of(node);
    // Up to version 12 all axes from this one on are one: of two, the last is what is meant.
    if (axis != -1 && axis + 1 != static_cast<std::int64_t>(rank)) return LastStep::none;
    return node.op == "Softmax" ? LastStep::softmax : LastStep::log_softmax;
}

}  // namespace

LastStep take_before_activation(Plan& plan, std::size_t output)
{
    auto& port = plan.outputs.at(output);
    const auto is_it = [&](const Node& node) {
        return !node.domain.empty() ? false
                                    : std::ranges::any_of(node.outputs, [&](const auto& value) {
                                          return value == port.value;
                                      });
    };
    const auto node = std::ranges::find_if(plan.nodes, is_it);
    if (node == plan.nodes.end() || node->inputs.empty() || !node->inputs[0]) return LastStep::none;
    const auto step = step_of(*node, port.spec.shape.size());
    if (step == LastStep::none) return step;
    port.value = *node->inputs[0];
    // Nobody may let go of it any more.
    for (auto& each : plan.nodes) std::erase(each.last_used, port.value);
    return step;
}

}  // namespace training
