#include "training/operators/table.hpp"

#include "training/operators/families.hpp"
#include "training/operators/tensors.hpp"

#include <algorithm>

namespace training {
namespace {

std::vector<const Row*> gathered()
{
    std::vector<const Row*> all;
    for (const auto family :
         {families::elementwise(), families::comparison(), families::activation(),
          families::softmax(), families::product(), families::convolution(), families::pooling(),
          families::normalisation(), families::reduction(), families::shape(),
          families::generation(), families::gathering(), families::slicing(), families::sorting(),
          families::resizing(), families::recurrence(), families::quantisation(),
          families::conversion(), families::loss()})
        for (const auto& row : family) all.push_back(&row);
    std::ranges::sort(all, {}, &Row::name);
    return all;
}

const char* words_of(Gradient gradient)
{
    switch (gradient) {
        case Gradient::none:
            return "none";
        case Gradient::exact:
            return "yes";
        default:
            return "straight through";
    }
}

std::optional<std::string> fault_of_attribute(const std::string& name, const Attribute& value)
{
    const auto of = "attribute '" + name + "'";
    if (std::holds_alternative<OtherAttribute>(value))
        return of + " is a graph, a sparse tensor or a list of tensors";
    if (const auto* tensor = std::get_if<inference::Tensor>(&value))
        if (!scalar_type_of(tensor->type))
            return of + " is a tensor of type " + std::string{inference::name_of(tensor->type)};
    const auto* number = std::get_if<std::int64_t>(&value);
    if (number != nullptr && (name == "to" || name == "dtype") && !has_scalar_type(*number))
        return of + " names a type that is not computed with";
    return {};
}

}  // namespace

const std::vector<const Row*>& all_operators()
{
    static const auto all = gathered();
    return all;
}

const Row* operator_named(std::string_view name)
{
    const auto& all = all_operators();
    const auto found = std::ranges::lower_bound(all, name, {}, &Row::name);
    return found != all.end() && (*found)->name == name ? *found : nullptr;
}

std::optional<std::string> reason_unsupported(const Node& node)
{
    if (!node.domain.empty()) return "operators of " + node.domain + " are not computed";
    const auto* row = operator_named(node.op);
    if (row == nullptr) return "the operator is not computed";
    if (node.since < row->first || node.since > row->last)
        return "version " + std::to_string(node.since) + " of the operator is not computed, only " +
               std::to_string(row->first) + " to " + std::to_string(row->last);
    for (const auto& [name, value] : node.attributes)
        if (auto reason = fault_of_attribute(name, value)) return reason;
    return {};
}

std::string operators_as_markdown()
{
    std::string text = "| operator | versions | gradient | left out |\n| --- | --- | --- | --- |\n";
    for (const auto* row : all_operators()) {
        text += "| " + std::string{row->name} + " | " + std::to_string(row->first);
        if (row->last != row->first) text += "–" + std::to_string(row->last);
        text += " | " + std::string{words_of(row->gradient)} + " | ";
        text += row->limits.empty() ? "–" : std::string{row->limits};
        text += " |\n";
    }
    return text;
}

}  // namespace training
