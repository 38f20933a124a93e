#include "training/session/fake_quantisation.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace training {
namespace {

/// How far a range moves towards what a batch has.
constexpr double share_of_a_batch = 0.01;
/// Below this a step would have no inverse.
constexpr double least_step = 1e-30;

bool is_set(const Node& node, std::string_view attribute)
{
    const auto found = node.attributes.find(attribute);
    if (found == node.attributes.end()) return false;
    const auto* number = std::get_if<std::int64_t>(&found->second);
    return number != nullptr && *number != 0;
}

/// The axis of the output's channels of a weight that is the second input; none where the node is
/// no product, or the weight none for it.
std::optional<std::int64_t> channels_of(const Node& node, const at::Tensor& weight)
{
    if (node.op == "Conv" && weight.dim() > 2) return 0;
    if (node.op == "Gemm" && weight.dim() == 2) return is_set(node, "transB") ? 0 : 1;
    if (node.op == "MatMul" && weight.dim() >= 2) return weight.dim() - 1;
    return {};
}

/// What is stored as halves is rounded to them after each step: it is on another grid already.
bool is_float_initializer(const Plan& plan, ValueIndex value)
{
    const auto found = std::ranges::find(plan.initializers, value);
    if (found == plan.initializers.end()) return false;
    const auto place = static_cast<std::size_t>(found - plan.initializers.begin());
    return plan.model.tensors[place].type == inference::DataType::FP32;
}

}  // namespace

ledger::Result<FakeQuantisation> FakeQuantisation::choose(
    const Plan& plan, const std::vector<NamedTensor>& parameters, const QuantiseOptions& options)
{
    FakeQuantisation made{options};
    made.places_.resize(plan.nodes.size());
    std::int64_t ranges = 0;
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        const auto& node = plan.nodes[i];
        if (node.inputs.size() < 2 || !node.inputs[1]) continue;
        const auto& name = plan.values[*node.inputs[1]];
        const auto found = std::ranges::find(parameters, name, &NamedTensor::name);
        if (found == parameters.end() || !is_float_initializer(plan, *node.inputs[1])) continue;
        const auto channels = channels_of(node, found->tensor);
        if (!channels || found->tensor.numel() == 0) continue;
        // Two nodes may share a weight, which has one grid: that of the first.
        const auto known = std::ranges::find(made.weights_, name, &Weight::name);
        const auto place = static_cast<std::size_t>(known - made.weights_.begin());
        if (known == made.weights_.end()) made.weights_.push_back({name, found->tensor, *channels});
        made.places_[i] = Place{place, ranges++};
    }
    if (made.weights_.empty())
        return ledger::invalid(
            "the recipe's 'quantise' finds no weight of Conv, Gemm or MatMul that is trained");
    made.ranges_ = at::zeros({ranges, 2}, at::kFloat);
    return made;
}

void FakeQuantisation::round_inputs(std::size_t node, std::vector<at::Tensor>& inputs)
{
    if (!is_on_ || !places_[node]) return;
    const auto& place = *places_[node];
    inputs[1] = rounded(weights_[place.weight], inputs[1]);
    inputs[0] = rounded_within_range(inputs[0], place.range);
}

void FakeQuantisation::snap()
{
    const at::NoGradGuard quiet;
    for (auto& weight : weights_) weight.tensor.copy_(rounded(weight, weight.tensor));
}

at::Tensor FakeQuantisation::rounded(const Weight& weight, const at::Tensor& numbers) const
{
    const auto most = (std::int64_t{1} << (options_.bits - 1)) - 1;
    const auto sizes = numbers.detach().abs();
    if (!options_.per_channel) {
        const auto step =
            std::max(sizes.max().item<double>() / static_cast<double>(most), least_step);
        if (!std::isfinite(step)) return numbers;
        return at::fake_quantize_per_tensor_affine(numbers, step, 0, -most, most);
    }
    const auto by_channel = sizes.transpose(0, weight.channels).flatten(1);
    const auto steps =
        (by_channel.amax(1) / static_cast<double>(most)).clamp_min(least_step).contiguous();
    // The loss says it where numbers are none any more.
    if (!steps.isfinite().all().item<bool>()) return numbers;
    const auto zeros = at::zeros({steps.size(0)}, at::kInt);
    return at::fake_quantize_per_channel_affine(numbers, steps, zeros, weight.channels, -most,
                                                most);
}

at::Tensor FakeQuantisation::rounded_within_range(const at::Tensor& numbers, std::int64_t range)
{
    if (numbers.scalar_type() != at::kFloat || numbers.numel() == 0) return numbers;
    const auto seen = numbers.detach();
    // 0 is on the grid: padding is made of it.
    const auto least = std::min(seen.min().item<double>(), 0.0);
    const auto most = std::max(seen.max().item<double>(), 0.0);
    if (!std::isfinite(least) || !std::isfinite(most)) return numbers;
    auto* of_node = ranges_.data_ptr<float>() + 2 * range;
    const bool is_first = of_node[0] == 0 && of_node[1] == 0;
    const auto share = is_first ? 1 : share_of_a_batch;
    of_node[0] = static_cast<float>(of_node[0] + share * (least - of_node[0]));
    of_node[1] = static_cast<float>(of_node[1] + share * (most - of_node[1]));
    const auto levels = (std::int64_t{1} << options_.bits) - 1;
    const double span = static_cast<double>(of_node[1]) - of_node[0];
    const auto step = std::max(span / static_cast<double>(levels), least_step);
    const auto zero = std::clamp<std::int64_t>(std::llround(-of_node[0] / step), 0, levels);
    // What is far outside would not even be a whole number, counted in such steps.
    const auto within = at::clamp(numbers, -step * static_cast<double>(zero),
                                  step * static_cast<double>(levels - zero));
    return at::fake_quantize_per_tensor_affine(within, step, zero, 0, levels);
}

}  // namespace training
