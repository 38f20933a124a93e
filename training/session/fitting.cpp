#include "training/session/fitting.hpp"

#include <algorithm>

namespace training {

ledger::Result<std::size_t> output_of(const Plan& plan, const LossOptions& options)
{
    if (plan.outputs.empty()) return ledger::invalid("the model has no output");
    if (options.output.empty()) return std::size_t{0};
    for (std::size_t i = 0; i < plan.outputs.size(); ++i)
        if (plan.outputs[i].spec.name == options.output) return i;
    return ledger::invalid("the model has no output '" + options.output.substr(0, 100) + "'");
}

namespace {

std::optional<std::string> fault_between(const Plan& plan, const samples::Source& source)
{
    const auto& given = source.inputs();
    if (source.size() == 0) return "there are no samples";
    if (given.size() != plan.inputs.size())
        return "the model takes " + std::to_string(plan.inputs.size()) +
               " inputs, each sample has " + std::to_string(given.size());
    for (std::size_t i = 0; i < given.size(); ++i) {
        const auto& spec = plan.inputs[i].spec;
        if (given[i].datatype != spec.datatype)
            return "input '" + spec.name + "' is " + std::string{name_of(spec.datatype)} +
                   ", the samples are " + std::string{name_of(given[i].datatype)};
        std::vector<std::int64_t> row{1};
        row.insert(row.end(), given[i].shape.begin(), given[i].shape.end());
        auto any_batch = spec;
        if (!any_batch.shape.empty()) any_batch.shape[0] = -1;
        if (const auto fault = inference::shape_fault(row, any_batch))
            return "a sample does not fit: input " + *fault;
    }
    return {};
}

}  // namespace

std::optional<std::string> fault_between(const Plan& plan, const Materials& materials)
{
    if (auto fault = fault_between(plan, *materials.samples)) return fault;
    if (materials.validation != nullptr)
        if (auto fault = fault_between(plan, *materials.validation)) return fault;
    const auto fixed = fixed_batch(plan);
    if (fixed && materials.samples->size() < *fixed)
        return "the model takes " + std::to_string(*fixed) +
               " samples at once, and there are fewer";
    return {};
}

std::optional<std::uint64_t> fixed_batch(const Plan& plan)
{
    for (const auto& input : plan.inputs)
        if (!input.spec.shape.empty() && input.spec.shape[0] > 0)
            return static_cast<std::uint64_t>(input.spec.shape[0]);
    return {};
}

std::optional<std::string> fault_of_teacher(const std::optional<Plan>& teacher, const Plan& model,
                                            std::size_t output, const LossOptions& options)
{
    if (options.distillation > 0 && !teacher)
        return "the recipe wants a teacher, and none is given";
    if (options.distillation == 0 && teacher)
        return "a teacher is given, and the recipe's 'loss.distillation' is 0";
    if (!teacher) return {};
    const auto spec_of = [](const Port& port) { return port.spec; };
    if (!std::ranges::equal(teacher->inputs, model.inputs, {}, spec_of, spec_of))
        return "the teacher does not take the same inputs";
    if (output >= teacher->outputs.size() ||
        teacher->outputs[output].spec.shape != model.outputs[output].spec.shape)
        return "the teacher's output has another shape";
    return {};
}

}  // namespace training
