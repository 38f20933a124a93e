#include "wallet/tensors/shape.hpp"

#include <algorithm>

namespace wallet {
namespace {

using Shape = std::vector<std::int64_t>;

Shape without_ones(Shape shape)
{
    std::erase(shape, 1);
    return shape;
}

/// The shape of one item; empty where the model leaves more open than how many there are.
Shape one_item(const inference::TensorSpec& spec)
{
    auto shape = spec.shape;
    if (!shape.empty() && shape.front() == -1) shape.front() = 1;
    if (std::ranges::any_of(shape, [](auto size) { return size < 0; })) return {};
    return shape;
}

/// One number each of several items, which is not one item of several numbers.
bool is_column(const Shape& own)
{
    return own.size() > 1 && own.front() != 1 &&
           std::ranges::all_of(own.begin() + 1, own.end(), [](auto size) { return size == 1; });
}

bool keeps_its_order(const Shape& own, const Shape& wanted)
{
    if (wanted.empty() || is_column(own)) return false;
    const auto count = inference::element_count(own);
    if (!count || count != inference::element_count(wanted)) return false;
    const auto from = without_ones(own);
    const auto to = without_ones(wanted);
    return from == to || from.size() <= 1 || to.size() <= 1;
}

}  // namespace

ledger::Result<Shape> shape_for(const Shape& own, const inference::TensorSpec& spec)
{
    auto fault = inference::shape_fault(own, spec);
    if (!fault) return own;
    if (own.size() < spec.shape.size()) {
        Shape padded(spec.shape.size() - own.size(), 1);
        padded.insert(padded.end(), own.begin(), own.end());
        if (!inference::shape_fault(padded, spec)) return padded;
    }
    auto wanted = one_item(spec);
    if (keeps_its_order(own, wanted)) return wanted;
    return ledger::invalid(*fault);
}

}  // namespace wallet
