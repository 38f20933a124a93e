#include "training/optimiser/optimiser.hpp"

#include <ATen/ATen.h>

#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/sgd.h>

#include <map>

namespace training {
namespace {

namespace optim = torch::optim;
using Kind = OptimiserOptions::Kind;

std::unique_ptr<optim::Optimizer> make(const OptimiserOptions& options,
                                       const std::vector<NamedTensor>& parameters)
{
    std::vector<at::Tensor> tensors;
    for (const auto& each : parameters) tensors.push_back(each.tensor);
    const auto betas = std::make_tuple(options.beta1, options.beta2);
    switch (options.kind) {
        case Kind::sgd:
            return std::make_unique<optim::SGD>(
                std::move(tensors), optim::SGDOptions(options.rate)
                                        .momentum(options.momentum)
                                        .nesterov(options.nesterov && options.momentum > 0)
                                        .weight_decay(options.weight_decay));
        case Kind::adam:
            return std::make_unique<optim::Adam>(std::move(tensors),
                                                 optim::AdamOptions(options.rate)
                                                     .betas(betas)
                                                     .eps(options.epsilon)
                                                     .weight_decay(options.weight_decay));
        case Kind::adamw:
            break;
    }
    return std::make_unique<optim::AdamW>(std::move(tensors),
                                          optim::AdamWOptions(options.rate)
                                              .betas(betas)
                                              .eps(options.epsilon)
                                              .weight_decay(options.weight_decay));
}

std::string key_of(const at::Tensor& parameter)
{
    return c10::guts::to_string(parameter.unsafeGetTensorImpl());
}

at::Tensor counted(std::int64_t steps)
{
    return at::full({}, steps, at::kLong);
}

template <class State>
void write_adam(const std::string& name, const State& state, std::vector<NamedTensor>& to)
{
    to.push_back({name + "/step", counted(state.step())});
    to.push_back({name + "/exp_avg", state.exp_avg()});
    to.push_back({name + "/exp_avg_sq", state.exp_avg_sq()});
}

template <class State>
std::unique_ptr<State> read_adam(const at::Tensor& step, const at::Tensor& first,
                                 const at::Tensor& second)
{
    auto state = std::make_unique<State>();
    state->step(step.item<std::int64_t>());
    state->exp_avg(first.clone());
    state->exp_avg_sq(second.clone());
    return state;
}

}  // namespace

Optimiser::Optimiser(const OptimiserOptions& options, std::vector<NamedTensor> parameters)
    : parameters_{std::move(parameters)},
      kind_{options.kind},
      optimiser_{make(options, parameters_)}
{
}

Optimiser::~Optimiser() = default;
Optimiser::Optimiser(Optimiser&&) noexcept = default;
Optimiser& Optimiser::operator=(Optimiser&&) noexcept = default;

void Optimiser::step(double rate)
{
    for (auto& group : optimiser_->param_groups()) group.options().set_lr(rate);
    optimiser_->step();
}

void Optimiser::clear()
{
    for (auto& each : parameters_) each.tensor.mutable_grad() = at::Tensor{};
}

std::vector<NamedTensor> Optimiser::state() const
{
    std::vector<NamedTensor> found;
    for (const auto& each : parameters_) {
        const auto state = optimiser_->state().find(key_of(each.tensor));
        if (state == optimiser_->state().end()) continue;
        switch (kind_) {
            case Kind::sgd: {
                const auto& sgd = static_cast<const optim::SGDParamState&>(*state->second);
                if (sgd.momentum_buffer().defined())
                    found.push_back({each.name + "/momentum", sgd.momentum_buffer()});
                break;
            }
            case Kind::adam:
                write_adam(each.name, static_cast<const optim::AdamParamState&>(*state->second),
                           found);
                break;
            case Kind::adamw:
                write_adam(each.name, static_cast<const optim::AdamWParamState&>(*state->second),
                           found);
                break;
        }
    }
    return found;
}

ledger::Result<void> Optimiser::restore(const std::vector<NamedTensor>& state)
{
    std::map<std::string, at::Tensor> tensors;
    for (const auto& each : state) tensors.emplace(each.name, each.tensor);
    std::string missing;
    const auto take = [&](const NamedTensor& parameter, const char* what) {
        const auto found = tensors.find(parameter.name + "/" + what);
        const bool counts = std::string_view{what} == "step";
        if (found == tensors.end() ||
            found->second.scalar_type() != (counts ? at::kLong : parameter.tensor.scalar_type()) ||
            found->second.sizes() != (counts ? at::IntArrayRef{} : parameter.tensor.sizes())) {
            missing = parameter.name + "/" + what;
            return at::Tensor{};
        }
        return found->second;
    };
    auto& states = optimiser_->state();
    states.clear();
    // A parameter that no step has moved has nothing to remember.
    const auto begun = [&](const std::string& name) {
        const auto next = tensors.lower_bound(name + "/");
        return next != tensors.end() && next->first.starts_with(name + "/");
    };
    for (const auto& each : parameters_) {
        if (!begun(each.name)) continue;
        std::unique_ptr<optim::OptimizerParamState> made;
        if (kind_ == Kind::sgd) {
            auto momentum = take(each, "momentum");
            if (momentum.defined()) {
                auto sgd = std::make_unique<optim::SGDParamState>();
                sgd->momentum_buffer(momentum.clone());
                made = std::move(sgd);
            }
        } else {
            const auto step = take(each, "step");
            const auto first = take(each, "exp_avg");
            const auto second = take(each, "exp_avg_sq");
            if (missing.empty())
                made = kind_ == Kind::adam
                           ? std::unique_ptr<optim::OptimizerParamState>(
                                 read_adam<optim::AdamParamState>(step, first, second))
                           : read_adam<optim::AdamWParamState>(step, first, second);
        }
        if (!missing.empty())
            return ledger::invalid("the state of the optimiser lacks '" + missing + "'");
        states[key_of(each.tensor)] = std::move(made);
    }
    return {};
}

}  // namespace training
