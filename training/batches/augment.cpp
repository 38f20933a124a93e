#include "training/batches/augment.hpp"

#include "ledger/base/draws.hpp"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace training {
namespace {

using ledger::Draws;

// From -most to most.
double drawn(Draws& draws, double most)
{
    return (2 * draws.unit() - 1) * most;
}

bool moves(const AugmentOptions& options)
{
    return options.shift > 0 || options.rotate > 0 || options.zoom > 0 || options.mirror;
}

/// Where each pixel of the new picture [n,c,h,w] comes from, as affine_grid wants it: in a square
/// from -1 to 1. A picture that is not square keeps its proportions when it turns.
void write_way(at::TensorAccessor<float, 2> way, const AugmentOptions& options, bool is_signal,
               double width, double height, Draws& draws)
{
    const double angle = is_signal ? 0 : drawn(draws, options.rotate) * std::numbers::pi / 180;
    const double scale = 1 / (1 + drawn(draws, options.zoom));
    const double mirror = !is_signal && options.mirror && draws.below(2) == 1 ? -1 : 1;
    const double right = drawn(draws, options.shift) * 2;
    const double down = is_signal ? 0 : drawn(draws, options.shift) * 2;
    const double proportion = height / width;
    way[0][0] = static_cast<float>(scale * std::cos(angle) * mirror);
    way[0][1] = static_cast<float>(-scale * std::sin(angle) * proportion);
    way[0][2] = static_cast<float>(right);
    way[1][0] = static_cast<float>(scale * std::sin(angle) / proportion * mirror);
    way[1][1] = static_cast<float>(scale * std::cos(angle));
    way[1][2] = static_cast<float>(down);
}

at::Tensor moved(const at::Tensor& pictures, const AugmentOptions& options, bool is_signal,
                 std::vector<Draws>& draws)
{
    const auto count = pictures.size(0);
    auto ways = at::empty({count, 2, 3}, at::kFloat);
    auto way = ways.accessor<float, 3>();
    for (std::int64_t i = 0; i < count; ++i)
        write_way(way[i], options, is_signal, static_cast<double>(pictures.size(3)),
                  static_cast<double>(pictures.size(2)), draws[static_cast<std::size_t>(i)]);
    const auto grid = at::affine_grid_generator(ways, pictures.sizes(), false);
    constexpr std::int64_t bilinear = 0;
    constexpr std::int64_t border = 1;
    return at::grid_sampler(pictures, grid, bilinear, border, false);
}

// One rectangle of the share of the area, in the sample's own proportions.
void erase(const at::Tensor& pictures, double share, std::vector<Draws>& draws)
{
    const auto side = std::sqrt(share);
    const auto height = pictures.size(2);
    const auto width = pictures.size(3);
    const auto part = [](std::int64_t size, double of_it) {
        return std::clamp<std::int64_t>(std::llround(static_cast<double>(size) * of_it), 1, size);
    };
    const auto tall = part(height, height == 1 ? 1 : side);
    const auto wide = part(width, height == 1 ? share : side);
    for (std::int64_t i = 0; i < pictures.size(0); ++i) {
        auto& draw = draws[static_cast<std::size_t>(i)];
        const auto top = draw.below(static_cast<std::uint64_t>(height - tall + 1));
        const auto left = draw.below(static_cast<std::uint64_t>(width - wide + 1));
        const auto picture = pictures[i];
        picture.narrow(1, static_cast<std::int64_t>(top), tall)
            .narrow(2, static_cast<std::int64_t>(left), wide)
            .copy_(picture.mean());
    }
}

void change_values(const at::Tensor& input, const AugmentOptions& options,
                   std::vector<Draws>& draws)
{
    for (std::int64_t i = 0; i < input.size(0); ++i) {
        auto& draw = draws[static_cast<std::size_t>(i)];
        const auto sample = input[i];
        if (options.gain > 0) sample.mul_(1 + drawn(draw, options.gain));
        if (options.offset > 0) sample.add_(drawn(draw, options.offset));
        if (options.noise > 0) {
            const auto generator = at::detail::createCPUGenerator(draw.next());
            sample.add_(at::randn(sample.sizes(), generator, at::kFloat), options.noise);
        }
    }
}

bool is_channels(std::int64_t size)
{
    return size == 1 || size == 3 || size == 4;
}

}  // namespace

bool augments(const AugmentOptions& options)
{
    return moves(options) || options.gain > 0 || options.offset > 0 || options.noise > 0 ||
           options.erase > 0;
}

at::Tensor augmented(const at::Tensor& input, const AugmentOptions& options,
                     std::span<const std::uint64_t> seeds)
{
    if (!augments(options) || input.scalar_type() != at::kFloat) return input;
    std::vector<Draws> draws;
    for (const auto seed : seeds) draws.emplace_back(seed);
    auto result = input.clone();
    const bool is_signal = input.dim() == 3;
    const bool is_picture =
        input.dim() == 4 && (is_channels(input.size(1)) || is_channels(input.size(3)));
    if (is_signal || is_picture) {
        const bool channels_last = is_picture && !is_channels(input.size(1));
        if (is_signal) result = result.unsqueeze(2);
        if (channels_last) result = result.permute({0, 3, 1, 2}).contiguous();
        if (moves(options)) result = moved(result, options, is_signal, draws);
        if (options.erase > 0) erase(result, options.erase, draws);
        if (is_signal) result = result.squeeze(2);
        if (channels_last) result = result.permute({0, 2, 3, 1}).contiguous();
    }
    change_values(result, options, draws);
    return result;
}

}  // namespace training
