#include "training/operators/families.hpp"

#include <ATen/ATen.h>

#include <algorithm>

namespace training::families {
namespace {

struct Cuts {
    Sizes starts, ends, axes, steps;
};

Cuts cuts_of(const Call& call)
{
    Cuts cuts;
    if (call.since() < 10) {
        cuts = {call.integers("starts"), call.integers("ends"), call.integers("axes"), {}};
    } else {
        cuts.starts = call.integers_in(1);
        cuts.ends = call.integers_in(2);
        if (call.has(3)) cuts.axes = call.integers_in(3);
        if (call.has(4)) cuts.steps = call.integers_in(4);
    }
    const auto count = cuts.starts.size();
    if (cuts.axes.empty())
        for (std::size_t i = 0; i < count; ++i) cuts.axes.push_back(static_cast<std::int64_t>(i));
    if (cuts.steps.empty()) cuts.steps.assign(count, 1);
    require(cuts.ends.size() == count && cuts.axes.size() == count && cuts.steps.size() == count,
            "starts, ends, axes and steps differ in their number");
    return cuts;
}

// Counted from the end where negative; far below and above are what INT64_MIN and MAX stand for.
std::int64_t place_in(std::int64_t place, std::int64_t size, std::int64_t least, std::int64_t most)
{
    if (place < 0) place = place < -size ? least : place + size;
    return std::clamp(place, least, most);
}

at::Tensor sliced(const at::Tensor& x, std::int64_t axis, std::int64_t start, std::int64_t end,
                  std::int64_t step)
{
    const auto size = x.size(axis);
    require(step != 0, "Slice with a step of 0");
    if (step > 0)
        return x.slice(axis, place_in(start, size, 0, size), place_in(end, size, 0, size), step);
    if (size == 0) return x;
    // libtorch only steps forward: the part is turned round first.
    const auto first = place_in(start, size, 0, size - 1);
    const auto past = place_in(end, size, -1, size - 1);
    const auto part = x.slice(axis, std::min(past, first) + 1, first + 1).flip(axis);
    return part.slice(axis, 0, part.size(axis), step == INT64_MIN ? INT64_MAX : -step);
}

Outputs slice(const Call& call)
{
    const auto cuts = cuts_of(call);
    auto result = call.in(0);
    for (std::size_t i = 0; i < cuts.axes.size(); ++i)
        result = sliced(result, axis_of(cuts.axes[i], result.dim()), cuts.starts[i], cuts.ends[i],
                        cuts.steps[i]);
    return one(result);
}

// The place in the image that each place of the wider one shows.
at::Tensor shown_places(std::int64_t before, std::int64_t size, std::int64_t after,
                        const std::string& mode)
{
    require(size > 0, "Pad of an empty dimension");
    const auto places = at::arange(-before, std::max(size + after, -before), at::kLong);
    if (mode == "edge" || size == 1) return at::clamp(places, 0, size - 1);
    const auto period = 2 * (size - 1);
    const auto turned = at::remainder(places, period);
    return at::where(at::ge(turned, size), period - turned, turned);
}

Outputs pad(const Call& call)
{
    const auto& x = call.in(0);
    const auto rank = static_cast<std::size_t>(x.dim());
    const auto pads = call.since() < 11 ? call.integers("pads") : call.integers_in(1);
    const auto mode = call.text("mode", "constant");
    require(pads.size() == 2 * rank, "Pad needs two numbers for each dimension");
    for (const auto size : pads)
        require(size > -(std::int64_t{1} << 40) && size < std::int64_t{1} << 40,
                "a pad without end");
    if (mode == "constant") {
        Sizes reversed;
        for (auto i = rank; i-- > 0;) {
            reversed.push_back(pads[i]);
            reversed.push_back(pads[i + rank]);
        }
        if (call.since() < 11)
            return one(at::constant_pad_nd(x, reversed, call.number("value", 0)));
        if (!call.has(2)) return one(at::constant_pad_nd(x, reversed, 0));
        require(call.in(2).numel() == 1, "Pad takes one value");
        return one(at::constant_pad_nd(x, reversed, call.in(2).item()));
    }
    if (mode != "edge" && mode != "reflect") unsupported("Pad with mode " + mode);
    auto result = x;
    for (std::size_t i = 0; i < rank; ++i) {
        if (pads[i] == 0 && pads[i + rank] == 0) continue;
        const auto axis = static_cast<std::int64_t>(i);
        const auto places = shown_places(pads[i], x.size(axis), pads[i + rank], mode);
        result = at::index_select(result, axis, places);
    }
    return one(result);
}

Outputs concat(const Call& call)
{
    std::vector<at::Tensor> parts;
    for (std::size_t i = 0; i < call.count(); ++i) parts.push_back(call.in(i));
    const auto axis = axis_of(call.integer("axis", 1), call.in(0).dim());
    // libtorch leaves out empty vectors whatever the others are; ONNX does not.
    for (const auto& part : parts)
        require(part.dim() == parts.front().dim(), "the parts differ in their dimensions");
    return one(at::cat(parts, axis));
}

Outputs split(const Call& call)
{
    const auto& x = call.in(0);
    const auto axis = axis_of(call.integer("axis", 0), x.dim());
    auto sizes = call.has(1) ? call.integers_in(1) : call.integers("split");
    const auto parts = static_cast<std::int64_t>(call.outputs());
    if (sizes.empty()) {
        require(x.size(axis) % parts == 0, "Split does not come out even");
        sizes.assign(call.outputs(), x.size(axis) / parts);
    }
    require(sizes.size() == call.outputs(), "Split into another number of parts");
    return at::split_with_sizes(x, sizes, axis);
}

const Row rows_of_slicing[] = {
    {"Slice", 1, 13, Gradient::exact, slice},
    {.name = "Pad", .first = 2, .last = 13, .function = pad, .settings_from = 1},
    {"Concat", 4, 13, Gradient::exact, concat},
    {"Split", 2, 13, Gradient::exact, split},
};

}  // namespace

std::span<const Row> slicing()
{
    return rows_of_slicing;
}

}  // namespace training::families
