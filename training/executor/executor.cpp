#include "training/executor/executor.hpp"

#include "inference/model/tensor.hpp"
#include "training/operators/table.hpp"
#include "training/operators/tensors.hpp"

#include <c10/core/GradMode.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <new>
#include <set>
#include <utility>

namespace training {
namespace {

using Kind = ExecutionError::Kind;

// libtorch's words, without its stack trace and without end.
std::string first_words(std::string text)
{
    text = text.substr(0, text.find('\n'));
    return text.substr(0, 300);
}

/// Runs `work` and makes a value of what it or libtorch throws. `where` is asked only then.
template <class Work, class Where>
auto guarded(Work work, Where where) -> ledger::Result<decltype(work()), ExecutionError>
{
    try {
        return work();
    } catch (const OperatorError& error) {
        const bool unsupported = error.kind == OperatorError::Kind::unsupported;
        return ExecutionError{unsupported ? Kind::unsupported : Kind::invalid,
                              where() + error.what()};
    } catch (const c10::Error& error) {
        const auto words = first_words(error.what_without_backtrace());
        const bool unsupported = words.find("not implemented for") != std::string::npos;
        return ExecutionError{unsupported ? Kind::unsupported : Kind::invalid, where() + words};
    } catch (const std::bad_alloc&) {
        return ExecutionError{Kind::invalid, where() + "there is no memory for it"};
    } catch (const std::exception& error) {
        return ExecutionError{Kind::invalid, where() + first_words(error.what())};
    }
}

// A view may claim any size without memory; below this one, sizes and strides can be multiplied.
void check_sizes(const at::Tensor& tensor)
{
    for (const auto size : tensor.sizes())
        require(size <= INT32_MAX, "a dimension of " + std::to_string(size));
}

void check_input(const at::Tensor& tensor, const inference::TensorSpec& spec)
{
    const auto type = scalar_type_of(spec.datatype);
    if (!type) unsupported("inputs of type " + std::string{inference::name_of(spec.datatype)});
    require(tensor.defined() && tensor.scalar_type() == *type,
            "input '" + spec.name + "' is not " + std::string{inference::name_of(spec.datatype)});
    check_sizes(tensor);
    const auto fault = inference::shape_fault(sizes_of(tensor), spec);
    require(!fault, "input " + fault.value_or(""));
}

bool is_half(const at::Tensor& tensor)
{
    return tensor.defined() &&
           (tensor.scalar_type() == at::kHalf || tensor.scalar_type() == at::kBFloat16);
}

// Whose type an output has; none: it is a float whatever goes in.
std::optional<std::size_t> typed_by(std::string_view name, std::size_t output)
{
    if (name == "Where") return 1;
    if (name == "OneHot") return 2;
    if (name == "BatchNormalization" && output > 0) return 3;
    if (name == "LayerNormalization" && output > 0) return std::nullopt;
    return 0;
}

// Halves are stored as halves and computed as floats: libtorch computes few operators of them on a
// CPU, and rounds between their steps.
Outputs evaluate(const Row& row, const Node& node, std::vector<at::Tensor>& inputs,
                 at::Tensor carried, bool learns)
{
    if (row.own_types || std::ranges::none_of(inputs, is_half))
        return row.function(Call{node, inputs, std::move(carried), learns});
    std::vector<std::optional<at::ScalarType>> halves(inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!is_half(inputs[i])) continue;
        halves[i] = inputs[i].scalar_type();
        inputs[i] = inputs[i].to(at::kFloat);
    }
    auto outputs = row.function(Call{node, inputs, std::move(carried), learns});
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const auto from = typed_by(row.name, i);
        auto& output = outputs[i];
        if (from && *from < halves.size() && halves[*from] && output.defined() &&
            output.scalar_type() == at::kFloat)
            output = output.to(*halves[*from]);
    }
    return outputs;
}

}  // namespace

/// The tensors of one run.
struct Executor::Values {
    std::vector<at::Tensor> tensors;
    /// See Call::carried.
    std::unordered_map<ValueIndex, at::Tensor> carried;
};

std::vector<UnsupportedNode> unsupported_nodes(const Plan& plan)
{
    std::vector<UnsupportedNode> found;
    for (const auto& node : plan.nodes)
        if (auto reason = reason_unsupported(node)) found.push_back({&node, std::move(*reason)});
    return found;
}

ledger::Result<Executor, ExecutionError> Executor::make(Plan plan)
{
    const auto unsupported = unsupported_nodes(plan);
    if (!unsupported.empty()) {
        const auto& first = unsupported.front();
        return ExecutionError{Kind::unsupported, label_of(*first.node) + ": " + first.reason};
    }
    return guarded([&] { return Executor{std::move(plan)}; }, [] { return std::string{}; });
}

Executor::Executor(Plan plan) : plan_{std::move(plan)}
{
    for (const auto& node : plan_.nodes) {
        rows_.push_back(operator_named(node.op));
        learns_.push_back(node.op == "Dropout");
    }
    for (auto& tensor : plan_.model.tensors) {
        names_.emplace(tensor.name, weights_.size());
        // The bytes move over: there need not be two copies of all weights.
        const inference::Tensor moved{tensor.name, tensor.type, tensor.dims,
                                      std::move(tensor.data)};
        tensor.data.clear();
        weights_.push_back(to_torch(moved));
    }
}

std::vector<std::string> Executor::trainable() const
{
    std::set<ValueIndex> data;
    for (std::size_t i = 0; i < plan_.nodes.size(); ++i) {
        if (rows_[i]->gradient == Gradient::none) continue;
        const auto& inputs = plan_.nodes[i].inputs;
        for (std::size_t k = 0; k < std::min(inputs.size(), rows_[i]->settings_from); ++k)
            if (inputs[k]) data.insert(*inputs[k]);
    }
    std::vector<std::string> found;
    for (const auto& [name, index] : names_) {
        const auto& tensor = weights_[index];
        if (tensor.is_floating_point() && tensor.dim() > 0 &&
            data.contains(plan_.initializers[index]))
            found.push_back(name);
    }
    return found;
}

at::Tensor* Executor::weight(std::string_view name)
{
    const auto found = names_.find(name);
    return found == names_.end() ? nullptr : &weights_[found->second];
}

std::vector<std::string> Executor::statistics() const
{
    std::set<std::string> found;
    for (const auto& node : plan_.nodes) {
        if (node.op != "BatchNormalization") continue;
        for (std::size_t k = 3; k < std::min<std::size_t>(node.inputs.size(), 5); ++k)
            if (node.inputs[k] && names_.contains(plan_.values[*node.inputs[k]]))
                found.insert(plan_.values[*node.inputs[k]]);
    }
    return {found.begin(), found.end()};
}

void Executor::learn_statistics(const std::set<std::string, std::less<>>& names)
{
    for (std::size_t i = 0; i < plan_.nodes.size(); ++i) {
        const auto& node = plan_.nodes[i];
        if (node.op != "BatchNormalization") continue;
        const auto learned = [&](std::size_t input) {
            if (input >= node.inputs.size() || !node.inputs[input]) return false;
            const auto& name = plan_.values[*node.inputs[input]];
            return names.contains(name) && names_.contains(name);
        };
        learns_[i] = learned(3) && learned(4);
    }
}

void Executor::compute(std::size_t index, Values& values, Pass pass) const
{
    const auto& node = plan_.nodes[index];
    std::vector<at::Tensor> inputs(node.inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i)
        if (node.inputs[i]) inputs[i] = values.tensors[*node.inputs[i]];
    if (pass == Pass::training && change_) change_(index, inputs);
    at::Tensor carried;
    if (!values.carried.empty() && !node.inputs.empty() && node.inputs[0]) {
        const auto found = values.carried.find(*node.inputs[0]);
        if (found != values.carried.end()) carried = found->second;
    }
    auto outputs = evaluate(*rows_[index], node, inputs, std::move(carried),
                            pass == Pass::training && learns_[index]);
    const auto count = node.outputs.size();
    for (std::size_t i = 0; i < count; ++i) {
        if (!node.outputs[i]) continue;
        require(i < outputs.size() && outputs[i].defined(),
                "output " + std::to_string(i) + " is not computed");
        check_sizes(outputs[i]);
        values.tensors[*node.outputs[i]] = std::move(outputs[i]);
    }
    if (rows_[index]->gradient == Gradient::straight_through && outputs.size() > count &&
        node.outputs[0])
        values.carried[*node.outputs[0]] = std::move(outputs.back());
    for (const auto value : node.last_used) {
        values.tensors[value] = at::Tensor{};
        values.carried.erase(value);
    }
}

ledger::Result<std::vector<at::Tensor>, ExecutionError> Executor::run(
    std::span<const at::Tensor> inputs, Pass pass)
{
    const Node* now = nullptr;
    return guarded(
        [&] {
            const c10::AutoGradMode mode{pass != Pass::use};
            require(inputs.size() == plan_.inputs.size(),
                    "the model takes " + std::to_string(plan_.inputs.size()) + " inputs, " +
                        std::to_string(inputs.size()) + " are given");
            Values values{std::vector<at::Tensor>(plan_.values.size()), {}};
            for (std::size_t i = 0; i < inputs.size(); ++i) {
                check_input(inputs[i], plan_.inputs[i].spec);
                values.tensors[plan_.inputs[i].value] = inputs[i];
            }
            for (std::size_t i = 0; i < weights_.size(); ++i)
                values.tensors[plan_.initializers[i]] = weights_[i];
            for (std::size_t i = 0; i < plan_.nodes.size(); ++i) {
                now = &plan_.nodes[i];
                compute(i, values, pass);
            }
            now = nullptr;
            std::vector<at::Tensor> outputs;
            for (const auto& output : plan_.outputs) {
                const auto& tensor = values.tensors[output.value];
                require(tensor.defined(), "output '" + output.spec.name + "' is not computed");
                outputs.push_back(tensor);
            }
            return outputs;
        },
        [&] { return now ? label_of(*now) + ": " : std::string{}; });
}

ledger::Result<ledger::Bytes> Executor::file() const
{
    auto tensors = plan_.model.tensors;
    try {
        for (std::size_t i = 0; i < tensors.size(); ++i)
            tensors[i].data = from_torch(weights_[i], tensors[i].name).data;
    } catch (const std::exception& error) {
        return ledger::invalid(first_words(error.what()));
    }
    return inference::assemble(plan_.model.skeleton, tensors);
}

}  // namespace training
