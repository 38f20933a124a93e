#include "training/operators/operator.hpp"

#include <algorithm>

namespace training {
namespace {

template <class Value>
const Value* find_attribute(const Node& node, std::string_view name)
{
    const auto found = node.attributes.find(name);
    if (found == node.attributes.end()) return nullptr;
    const auto* value = std::get_if<Value>(&found->second);
    require(value != nullptr, "attribute '" + std::string{name} + "' has another type");
    return value;
}

template <class Value>
Value attribute_or(const Node& node, std::string_view name, Value otherwise)
{
    const auto* found = find_attribute<Value>(node, name);
    return found ? *found : otherwise;
}

}  // namespace

void unsupported(const std::string& why)
{
    throw OperatorError{OperatorError::Kind::unsupported, why};
}

void require(bool holds, const std::string& why)
{
    if (!holds) throw OperatorError{OperatorError::Kind::invalid, why};
}

std::int64_t product_of(at::IntArrayRef sizes)
{
    std::int64_t product = 1;
    for (const auto size : sizes)
        require(!__builtin_mul_overflow(product, size, &product),
                "sizes whose product is no number");
    return product;
}

bool Call::wants(std::size_t output) const
{
    return output < node_.outputs.size() && node_.outputs[output].has_value();
}

bool Call::has(std::size_t input) const
{
    return input < inputs_.size() && inputs_[input].defined();
}

const at::Tensor& Call::in(std::size_t input) const
{
    require(has(input), "input " + std::to_string(input) + " is left out");
    return inputs_[input];
}

Sizes Call::integers_in(std::size_t input) const
{
    const auto& tensor = in(input);
    require(tensor.dim() <= 1 && tensor.numel() <= 1024, "a list of numbers has another shape");
    require(!tensor.is_floating_point(), "a list of whole numbers has fractions");
    const auto wide = tensor.to(at::kLong).contiguous();
    const auto* first = wide.data_ptr<std::int64_t>();
    return {first, first + wide.numel()};
}

std::int64_t Call::integer_in(std::size_t input) const
{
    require(in(input).numel() == 1, "input " + std::to_string(input) + " is not one number");
    return in(input).to(at::kLong).item<std::int64_t>();
}

double Call::number_in(std::size_t input) const
{
    require(in(input).numel() == 1, "input " + std::to_string(input) + " is not one number");
    return in(input).to(at::kDouble).item<double>();
}

bool Call::says(std::string_view attribute) const
{
    return node_.attributes.contains(attribute);
}

std::int64_t Call::integer(std::string_view attribute, std::int64_t otherwise) const
{
    return attribute_or<std::int64_t>(node_, attribute, otherwise);
}

double Call::number(std::string_view attribute, double otherwise) const
{
    const auto* found = find_attribute<float>(node_, attribute);
    return found ? static_cast<double>(*found) : otherwise;
}

std::string Call::text(std::string_view attribute, std::string_view otherwise) const
{
    return attribute_or<std::string>(node_, attribute, std::string{otherwise});
}

Sizes Call::integers(std::string_view attribute) const
{
    return attribute_or<Sizes>(node_, attribute, {});
}

std::vector<float> Call::numbers(std::string_view attribute) const
{
    return attribute_or<std::vector<float>>(node_, attribute, {});
}

std::vector<std::string> Call::texts(std::string_view attribute) const
{
    return attribute_or<std::vector<std::string>>(node_, attribute, {});
}

const inference::Tensor& Call::tensor(std::string_view attribute) const
{
    const auto* found = find_attribute<inference::Tensor>(node_, attribute);
    require(found != nullptr, "attribute '" + std::string{attribute} + "' is missing");
    return *found;
}

std::int64_t axis_of(std::int64_t axis, std::int64_t rank)
{
    require(axis >= -rank && axis < rank,
            "axis " + std::to_string(axis) + " of " + std::to_string(rank) + " dimensions");
    return axis < 0 ? axis + rank : axis;
}

Sizes axes_of(Sizes axes, std::int64_t rank)
{
    for (auto& axis : axes) axis = axis_of(axis, rank);
    std::ranges::sort(axes);
    require(std::ranges::adjacent_find(axes) == axes.end(), "an axis is named twice");
    return axes;
}

Sizes sizes_of(const at::Tensor& tensor)
{
    return tensor.sizes().vec();
}

}  // namespace training
