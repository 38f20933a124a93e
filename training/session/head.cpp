#include "training/session/weights.hpp"

#include <algorithm>
#include <set>

namespace training {
namespace {

/// For each value, the trainable tensors that it is made of where nothing but constants goes into
/// it: a weight that is quantised first is still the weight of the layer that takes it.
class Constants {
public:
    Constants(const Plan& plan, const std::vector<std::string>& trainable)
        : made_of_(plan.values.size()), is_constant_(plan.values.size(), false)
    {
        for (const auto value : plan.initializers) {
            is_constant_[value] = true;
            if (std::ranges::find(trainable, plan.values[value]) != trainable.end())
                made_of_[value].insert(plan.values[value]);
        }
        for (const auto& node : plan.nodes) {
            if (!is_constant(node)) continue;
            for (const auto& output : node.outputs) {
                if (!output) continue;
                is_constant_[*output] = true;
                made_of_[*output] = taken_by(node);
            }
        }
    }

    bool is_constant(const Node& node) const
    {
        return std::ranges::all_of(
            node.inputs, [&](const auto& input) { return !input || is_constant_[*input]; });
    }

    std::set<std::string> taken_by(const Node& node) const
    {
        std::set<std::string> all;
        for (const auto& input : node.inputs)
            if (input) all.insert(made_of_[*input].begin(), made_of_[*input].end());
        return all;
    }

private:
    std::vector<std::set<std::string>> made_of_;
    std::vector<bool> is_constant_;
};

}  // namespace

std::vector<std::string> head_of(const Plan& plan, const std::vector<std::string>& trainable)
{
    const Constants constants{plan, trainable};
    const auto is_matrix = [&](const std::string& name) {
        const auto found =
            std::ranges::find(plan.model.tensors, name, &inference::WeightTensor::name);
        return found != plan.model.tensors.end() && found->dims.size() >= 2;
    };
    std::set<std::string> head;
    for (auto node = plan.nodes.rbegin(); node != plan.nodes.rend(); ++node) {
        if (constants.is_constant(*node)) continue;
        const auto taken = constants.taken_by(*node);
        head.insert(taken.begin(), taken.end());
        if (std::ranges::any_of(taken, is_matrix)) break;
    }
    return {head.begin(), head.end()};
}

}  // namespace training
