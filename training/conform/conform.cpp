#include "training/conform/conform.hpp"

#include "training/conform/case_folder.hpp"
#include "training/executor/executor.hpp"
#include "training/graph/read_plan.hpp"
#include "training/operators/tensors.hpp"

#include <algorithm>
#include <exception>
#include <tuple>
#include <utility>

namespace training {
namespace {

using Finding = std::pair<Verdict, std::string>;

// By name where the file has one of the model's, otherwise by place.
const inference::Tensor* tensor_for(const std::vector<inference::Tensor>& among,
                                    const std::string& name, std::size_t place)
{
    const auto found = std::ranges::find(among, name, &inference::Tensor::name);
    if (found != among.end()) return &*found;
    return place < among.size() ? &among[place] : nullptr;
}

Finding finding_of(const ExecutionError& error)
{
    const bool unsupported = error.kind == ExecutionError::Kind::unsupported;
    return {unsupported ? Verdict::unsupported : Verdict::failed, error.detail};
}

Finding run_set(Executor& executor, const DataSet& set, const Tolerance& within)
{
    std::vector<at::Tensor> inputs;
    for (const auto& port : executor.plan().inputs) {
        const auto* tensor = tensor_for(set.inputs, port.spec.name, inputs.size());
        if (tensor == nullptr)
            return {Verdict::failed, "there is no input '" + port.spec.name + "'"};
        if (!scalar_type_of(tensor->type))
            return {Verdict::unsupported,
                    "an input of type " + std::string{inference::name_of(tensor->type)}};
        inputs.push_back(to_torch(*tensor));
    }
    const auto outputs = executor.run(inputs);
    if (!outputs) return finding_of(outputs.error());
    if (set.outputs.size() > outputs->size())
        return {Verdict::failed, "the model has fewer outputs than the folder"};
    if (set.outputs.empty()) return {Verdict::failed, "there is no output to compare with"};
    for (std::size_t i = 0; i < set.outputs.size(); ++i) {
        const auto& spec = executor.plan().outputs[i].spec;
        const auto* expected = tensor_for(set.outputs, spec.name, i);
        const auto fault = difference(from_torch((*outputs)[i], spec.name), *expected, within);
        if (fault) return {Verdict::failed, *fault};
    }
    return {Verdict::passed, {}};
}

Finding run_read(const CaseFolder& folder, const Tolerance& within)
{
    // What the reader refuses is a newer operator set, a type that is no tensor, or a broken rule.
    auto plan = read_plan(folder.model);
    if (!plan) return {Verdict::unsupported, "refused: " + plan.error().detail};
    auto executor = Executor::make(std::move(*plan));
    if (!executor) return finding_of(executor.error());
    for (const auto& set : folder.sets)
        if (auto finding = run_set(*executor, set, within); finding.first != Verdict::passed)
            return finding;
    return {Verdict::passed, {}};
}

}  // namespace

std::string_view name_of(Verdict verdict)
{
    switch (verdict) {
        case Verdict::passed:
            return "passed";
        case Verdict::failed:
            return "failed";
        default:
            return "unsupported";
    }
}

CaseResult run_case(const std::filesystem::path& folder, const Tolerance& within)
{
    CaseResult result;
    result.name = std::filesystem::absolute(folder).lexically_normal().filename().string();
    const auto read = read_case(folder);
    if (!read) {
        const bool other = read.error().kind == ledger::ErrorKind::invalid;
        result.verdict = other ? Verdict::unsupported : Verdict::failed;
        result.reason = read.error().detail;
        return result;
    }
    try {
        std::tie(result.verdict, result.reason) = run_read(*read, within);
    } catch (const std::exception& error) {  // copying tensors in and out may fail, too
        result.reason = std::string{error.what()}.substr(0, 300);
    }
    return result;
}

}  // namespace training
