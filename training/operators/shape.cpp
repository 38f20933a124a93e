#include "training/operators/families.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <functional>

namespace training::families {
namespace {

Outputs reshape(const Call& call)
{
    const auto& x = call.in(0);
    auto sizes = call.integers_in(1);
    const bool keeps_zero = call.integer("allowzero", 0) != 0;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        require(sizes[i] >= -1, "a size of " + std::to_string(sizes[i]));
        if (sizes[i] != 0 || keeps_zero) continue;
        require(static_cast<std::int64_t>(i) < x.dim(), "a size to copy that is not there");
        sizes[i] = x.size(static_cast<std::int64_t>(i));
    }
    return one(x.reshape(sizes));
}

Outputs transpose(const Call& call)
{
    auto order = call.integers("perm");
    if (order.empty())
        for (auto i = call.in(0).dim(); i-- > 0;) order.push_back(i);
    return one(call.in(0).permute(order));
}

Sizes axes_of_call_or_input(const Call& call)
{
    return call.has(1) ? call.integers_in(1) : call.integers("axes");
}

Outputs squeeze(const Call& call)
{
    const auto& x = call.in(0);
    auto axes = axes_of_call_or_input(call);
    if (axes.empty() && !call.has(1) && !call.says("axes")) return one(x.squeeze());
    axes = axes_of(std::move(axes), x.dim());
    auto result = x;
    for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
        require(x.size(*axis) == 1,
                "Squeeze of a dimension of size " + std::to_string(x.size(*axis)));
        result = result.squeeze(*axis);
    }
    return one(result);
}

Outputs unsqueeze(const Call& call)
{
    auto axes = axes_of_call_or_input(call);
    axes = axes_of(std::move(axes), call.in(0).dim() + static_cast<std::int64_t>(axes.size()));
    auto result = call.in(0);
    for (const auto axis : axes) result = result.unsqueeze(axis);
    return one(result);
}

Outputs flatten(const Call& call)
{
    const auto& x = call.in(0);
    // As many dimensions go before the axis: all of them may.
    auto axis = call.integer("axis", 1);
    if (axis != x.dim()) axis = axis_of(axis, x.dim());
    const auto before = static_cast<std::size_t>(axis);
    return one(
        x.reshape({product_of(x.sizes().slice(0, before)), product_of(x.sizes().slice(before))}));
}

Outputs expand(const Call& call)
{
    auto wanted = call.integers_in(1);
    auto sizes = sizes_of(call.in(0));
    const auto rank = std::max(wanted.size(), sizes.size());
    wanted.insert(wanted.begin(), rank - wanted.size(), 1);
    sizes.insert(sizes.begin(), rank - sizes.size(), 1);
    for (std::size_t i = 0; i < rank; ++i)
        if (wanted[i] == 1) wanted[i] = sizes[i];
    return one(call.in(0).expand(wanted));
}

Outputs shape_of_tensor(const Call& call)
{
    const auto sizes = sizes_of(call.in(0));
    const auto rank = static_cast<std::int64_t>(sizes.size());
    const auto place = [&](std::int64_t at) {
        return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank);
    };
    const auto begin = place(call.integer("start", 0));
    const auto end = std::max(begin, place(call.integer("end", rank)));
    return one(at::tensor(at::IntArrayRef{sizes}.slice(static_cast<std::size_t>(begin),
                                                       static_cast<std::size_t>(end - begin)),
                          at::kLong));
}

Outputs tile(const Call& call)
{
    const auto repeats = call.integers_in(1);
    require(static_cast<std::int64_t>(repeats.size()) == call.in(0).dim(),
            "Tile needs a number for each dimension");
    return one(call.in(0).repeat(repeats));
}

struct Blocks {
    std::int64_t images, channels, height, width, block;
};

Blocks blocks_of(const Call& call)
{
    const auto& x = call.in(0);
    const auto block = call.integer("blocksize", 0);
    require(x.dim() == 4 && block >= 1 && block <= 32'768, "needs an image and a blocksize");
    return {x.size(0), x.size(1), x.size(2), x.size(3), block};
}

Outputs depth_to_space(const Call& call)
{
    const auto [n, c, h, w, b] = blocks_of(call);
    require(c % (b * b) == 0, "the channels are no multiple of the block");
    const auto mode = call.text("mode", "DCR");
    require(mode == "DCR" || mode == "CRD", "mode " + mode);
    const auto parts =
        mode == "DCR"
            ? call.in(0).reshape({n, b, b, c / (b * b), h, w}).permute({0, 3, 4, 1, 5, 2})
            : call.in(0).reshape({n, c / (b * b), b, b, h, w}).permute({0, 1, 4, 2, 5, 3});
    return one(parts.reshape({n, c / (b * b), h * b, w * b}));
}

Outputs space_to_depth(const Call& call)
{
    const auto [n, c, h, w, b] = blocks_of(call);
    require(h % b == 0 && w % b == 0, "the image is no multiple of the block");
    const auto parts = call.in(0).reshape({n, c, h / b, b, w / b, b}).permute({0, 3, 5, 1, 2, 4});
    return one(parts.reshape({n, c * b * b, h / b, w / b}));
}

const Row rows_of_shape[] = {
    {"Identity", 1, 16, Gradient::exact, [](const Call& c) { return one(c.in(0)); }},
    {.name = "Reshape", .first = 5, .last = 14, .function = reshape},
    {"Transpose", 1, 13, Gradient::exact, transpose},
    {"Squeeze", 1, 13, Gradient::exact, squeeze},
    {"Unsqueeze", 1, 13, Gradient::exact, unsqueeze},
    {"Flatten", 1, 13, Gradient::exact, flatten},
    {"Expand", 8, 13, Gradient::exact, expand},
    {"Shape", 1, 15, Gradient::none, shape_of_tensor},
    {"Size", 1, 13, Gradient::none,
     [](const Call& c) { return one(at::scalar_tensor(c.in(0).numel(), at::kLong)); }},
    {"Tile", 6, 13, Gradient::exact, tile},
    {"DepthToSpace", 1, 13, Gradient::exact, depth_to_space},
    {"SpaceToDepth", 1, 13, Gradient::exact, space_to_depth},
};

}  // namespace

std::span<const Row> shape()
{
    return rows_of_shape;
}

}  // namespace training::families
