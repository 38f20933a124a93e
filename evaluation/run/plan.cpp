#include "evaluation/run/plan.hpp"

#include <algorithm>
#include <array>

namespace evaluation {

using inference::DataType;
using inference::ModelIo;
using inference::TensorSpec;
using ledger::invalid;
using ledger::Result;
using samples::Target;
namespace {

constexpr std::array<std::pair<Task, std::string_view>, 4> names{{
    {Task::classification, "classification"},
    {Task::regression, "regression"},
    {Task::clustering, "clustering"},
    {Task::detection, "detection"},
}};

bool is_float(const TensorSpec& spec)
{
    return spec.datatype == DataType::FP32 || spec.datatype == DataType::FP64 ||
           spec.datatype == DataType::FP16 || spec.datatype == DataType::BF16;
}

bool is_integer(const TensorSpec& spec)
{
    return !is_float(spec) && spec.datatype != DataType::BYTES && spec.datatype != DataType::BOOL;
}

/// One number for each sample, as far as the shape tells.
bool is_single(const TensorSpec& spec)
{
    for (std::size_t i = 1; i < spec.shape.size(); ++i)
        if (spec.shape[i] != 1) return false;
    return spec.shape.size() <= 2;
}

bool may_be_classes(const TensorSpec& spec, std::size_t classes)
{
    if (!is_float(spec)) return false;
    if (classes == 2 && is_single(spec)) return true;
    if (spec.shape.empty()) return false;
    for (std::size_t i = 1; i + 1 < spec.shape.size(); ++i)
        if (spec.shape[i] > 1) return false;
    const auto last = spec.shape.back();
    return last == -1 ? spec.shape.size() > 1 : last >= static_cast<std::int64_t>(classes);
}

/// The outputs to choose from: the one that was named, or all.
Result<std::vector<const TensorSpec*>> candidates(const ModelIo& io, const std::string& named)
{
    std::vector<const TensorSpec*> found;
    for (const auto& output : io.outputs)
        if (named.empty() || output.name == named) found.push_back(&output);
    if (found.empty()) return invalid("the model has no output '" + named + "'");
    return found;
}

template <class Fits>
const TensorSpec* first_of(const std::vector<const TensorSpec*>& from, Fits fits)
{
    const auto found =
        std::find_if(from.begin(), from.end(), [&](const TensorSpec* spec) { return fits(*spec); });
    return found == from.end() ? nullptr : *found;
}

Result<Plan> plan_classes(const Target& target, const std::vector<const TensorSpec*>& from)
{
    const auto classes = target.classes.size();
    const auto fits = [&](const TensorSpec& spec) { return may_be_classes(spec, classes); };
    const auto* best = first_of(from, [&](const TensorSpec& spec) {
        return fits(spec) && spec.name.find("prob") != std::string::npos;
    });
    if (best == nullptr) best = first_of(from, fits);
    if (best != nullptr) return Plan{Task::classification, {best->name}, false, false, {}};
    best =
        first_of(from, [](const TensorSpec& spec) { return is_integer(spec) && is_single(spec); });
    if (best != nullptr) return Plan{Task::classification, {best->name}, true, false, {}};
    return invalid("no output has a floating number for each of " + std::to_string(classes) +
                   " classes, or one integer");
}

bool are_boxes(const Target& target)
{
    return target.shape.size() == 2 && (target.shape[1] == 5 || target.shape[1] == 6);
}

Result<Plan> plan_detection(const Target& target, const ModelIo& io)
{
    if (!are_boxes(target))
        return invalid(
            "a detection wants targets of 5 or 6 columns: left, top, right, bottom, "
            "class, and whether it is a crowd");
    Plan plan{Task::detection, {"boxes", "scores", "labels"}, false, false, {}};
    for (const auto& name : plan.outputs)
        if (io.output(name) == nullptr || io.output(name)->datatype == DataType::BYTES)
            return invalid(
                "a detection wants outputs 'boxes', 'scores' and 'labels'; there is no '" + name +
                "'");
    return plan;
}

Result<Plan> plan_numbers(const std::vector<const TensorSpec*>& from)
{
    const auto* best = first_of(from, is_float);
    if (best == nullptr) return invalid("no output has floating numbers");
    return Plan{Task::regression, {best->name}, false, false, {}};
}

Result<Plan> plan_clusters(const ModelIo& io, const std::vector<const TensorSpec*>& from)
{
    Plan plan{Task::clustering, {}, true, false, {}};
    for (const auto* name : {"embedding", "features"})
        if (plan.points.empty() && io.output(name) != nullptr && is_float(*io.output(name)))
            plan.points = name;
    const auto* best =
        first_of(from, [](const TensorSpec& spec) { return is_integer(spec) && is_single(spec); });
    if (best == nullptr) {
        plan.are_numbers_of_classes = false;
        best = first_of(from, [&](const TensorSpec& spec) {
            return is_float(spec) && !is_single(spec) && spec.name != plan.points;
        });
    }
    if (best == nullptr) return invalid("no output says a cluster");
    plan.outputs.push_back(best->name);
    plan.are_distances = best->name.find("distance") != std::string::npos;
    return plan;
}

Task task_of(const Target& target, const ModelIo& io)
{
    if (target.kind == Target::Kind::none) return Task::clustering;
    if (target.kind == Target::Kind::classes) return Task::classification;
    const auto is_detection = io.output("boxes") != nullptr && io.output("scores") != nullptr &&
                              io.output("labels") != nullptr && are_boxes(target);
    return is_detection ? Task::detection : Task::regression;
}

}  // namespace

std::string_view name_of(Task task)
{
    return std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.first == task; })
        ->second;
}

std::optional<Task> task_named(std::string_view name)
{
    for (const auto& [task, text] : names)
        if (text == name) return task;
    return {};
}

Result<Plan> make_plan(const Target& target, const ModelIo& io, const PlanOptions& options)
{
    const auto task = options.task.value_or(task_of(target, io));
    const auto wanted =
        task == Task::classification ? Target::Kind::classes : Target::Kind::numbers;
    if (task != Task::clustering && target.kind != wanted)
        return invalid("the data have no targets for " + std::string{name_of(task)});
    if (task == Task::detection) return plan_detection(target, io);
    const auto from = candidates(io, options.output);
    if (!from) return from.error();
    if (task == Task::classification) return plan_classes(target, *from);
    if (task == Task::regression) return plan_numbers(*from);
    return plan_clusters(io, *from);
}

}  // namespace evaluation
