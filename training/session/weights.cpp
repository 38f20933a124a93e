#include "training/session/weights.hpp"

#include <ATen/ATen.h>

#include <fnmatch.h>

#include <algorithm>
#include <map>

namespace training {
namespace {

using ledger::Result;

bool matches(const std::vector<std::string>& patterns, const std::string& name)
{
    return std::ranges::any_of(patterns, [&](const std::string& pattern) {
        return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
    });
}

std::vector<std::string> chosen(const Executor& executor, const TensorOptions& options)
{
    const auto trainable = executor.trainable();
    auto names = options.head_only ? head_of(executor.plan(), trainable) : trainable;
    std::erase_if(names, [&](const std::string& name) {
        return !matches(options.train, name) || matches(options.freeze, name);
    });
    return names;
}

// A batch normalisation whose scale stays as it is has nothing to learn from batches.
std::set<std::string, std::less<>> learning_statistics(Executor& executor,
                                                       const std::vector<std::string>& moved)
{
    const auto& plan = executor.plan();
    const auto all = executor.statistics();
    const auto is_moved = [&](const std::string& name) {
        return std::ranges::find(moved, name) != moved.end();
    };
    std::set<std::string, std::less<>> names;
    for (const auto& node : plan.nodes) {
        if (node.op != "BatchNormalization" || node.inputs.size() < 5) continue;
        if (!node.inputs[1] || !is_moved(plan.values[*node.inputs[1]])) continue;
        for (std::size_t k = 3; k < 5; ++k) {
            if (!node.inputs[k]) continue;
            const auto& name = plan.values[*node.inputs[k]];
            // Halves are computed as floats made for it, so that nothing would come back to them.
            const auto* tensor = executor.weight(name);
            if (std::ranges::find(all, name) != all.end() && tensor->scalar_type() == at::kFloat)
                names.insert(name);
        }
    }
    return names;
}

at::ScalarType type_of(TensorOptions::Grid grid)
{
    return grid == TensorOptions::Grid::bfloat16 ? at::kBFloat16 : at::kHalf;
}

}  // namespace

Result<Weights> Weights::choose(Executor& executor, const TensorOptions& options)
{
    Weights weights{options};
    const auto names = chosen(executor, options);
    if (names.empty())
        return ledger::invalid("no tensor is left to train: see what `check` calls trainable");
    for (const auto& name : names) {
        auto& tensor = *executor.weight(name);
        tensor.set_requires_grad(true);
        weights.served_.push_back({name, tensor});
        const bool is_half =
            tensor.scalar_type() != at::kFloat && tensor.scalar_type() != at::kDouble;
        if (!is_half) {
            weights.parameters_.push_back({name, tensor});
            continue;
        }
        const auto moved = tensor.detach().to(at::kFloat);
        weights.halves_.push_back({tensor, moved});
        weights.parameters_.push_back({name, moved});
    }
    if (options.batch_normalisation) {
        const auto statistics = learning_statistics(executor, names);
        executor.learn_statistics(statistics);
        for (const auto& name : statistics)
            weights.statistics_.push_back({name, *executor.weight(name)});
    }
    return weights;
}

std::vector<NamedTensor> Weights::moving() const
{
    auto all = parameters_;
    all.insert(all.end(), statistics_.begin(), statistics_.end());
    return all;
}

void Weights::take_gradients()
{
    for (auto& half : halves_)
        if (half.served.grad().defined())
            half.moved.mutable_grad() = half.served.grad().to(at::kFloat);
}

void Weights::publish()
{
    const at::NoGradGuard quiet;
    for (auto& half : halves_) half.served.copy_(half.moved);
}

void Weights::forget_gradients()
{
    for (auto& each : served_) each.tensor.mutable_grad() = at::Tensor{};
    for (auto& half : halves_) half.moved.mutable_grad() = at::Tensor{};
}

std::vector<NamedTensor> Weights::copy() const
{
    auto all = moving();
    for (auto& each : all) each.tensor = each.tensor.detach().clone();
    return all;
}

Result<void> Weights::put(const std::vector<NamedTensor>& from)
{
    const at::NoGradGuard quiet;
    std::map<std::string_view, const at::Tensor*> given;
    for (const auto& each : from) given.emplace(each.name, &each.tensor);
    const auto all = moving();
    for (const auto& each : all) {
        const auto found = given.find(each.name);
        if (found == given.end())
            return ledger::invalid("there are no numbers for the tensor '" + each.name + "'");
        if (found->second->sizes() != each.tensor.sizes() ||
            found->second->scalar_type() != each.tensor.scalar_type())
            return ledger::invalid("the numbers for the tensor '" + each.name +
                                   "' are of another shape or type");
    }
    for (const auto& each : all) each.tensor.copy_(*given.at(each.name));
    publish();
    return {};
}

bool Weights::are_finite() const
{
    const at::NoGradGuard quiet;
    return std::ranges::all_of(moving(), [](const NamedTensor& each) {
        return each.tensor.isfinite().all().item<bool>();
    });
}

void Weights::snap()
{
    const at::NoGradGuard quiet;
    if (!snaps()) return;
    for (const auto& each : moving())
        each.tensor.copy_(each.tensor.to(type_of(options_.snap)).to(each.tensor.scalar_type()));
    publish();
}

}  // namespace training
