#include "training/operators/families.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace training::families {
namespace {

constexpr std::int64_t most_places = 1 << 20;  // of one dimension

struct Rule {
    std::string mode, coordinates, nearest;
    float cubic = -0.75F;
    bool exclude_outside = false;
    float extrapolation = 0;
};

Rule rule_of(const Call& call)
{
    Rule rule;
    rule.mode = call.text("mode", "nearest");
    if (call.since() < 11) {
        rule.coordinates = "asymmetric";
        rule.nearest = "floor";
        return rule;
    }
    rule.coordinates = call.text("coordinate_transformation_mode", "half_pixel");
    rule.nearest = call.text("nearest_mode", "round_prefer_floor");
    rule.cubic = static_cast<float>(call.number("cubic_coeff_a", -0.75));
    rule.exclude_outside = call.integer("exclude_outside", 0) != 0;
    rule.extrapolation = static_cast<float>(call.number("extrapolation_value", 0));
    return rule;
}

/// One dimension: from how many places to how many.
struct Axis {
    std::int64_t from = 0;
    std::int64_t to = 0;
    float scale = 1;
    float roi_begin = 0;
    float roi_end = 1;
};

// In single precision, as others compute it: a place exactly between two others must fall alike.
float origin_of(std::int64_t place, const Axis& axis, const std::string& mode)
{
    const auto x = static_cast<float>(place);
    const auto from = static_cast<float>(axis.from);
    if (mode == "asymmetric") return x / axis.scale;
    if (mode == "half_pixel") return (x + 0.5F) / axis.scale - 0.5F;
    if (mode == "pytorch_half_pixel") return axis.to > 1 ? (x + 0.5F) / axis.scale - 0.5F : 0.0F;
    if (mode == "tf_half_pixel_for_nn") return (x + 0.5F) / axis.scale;
    if (mode == "align_corners")
        return axis.to == 1 ? 0.0F : x * (from - 1) / static_cast<float>(axis.to - 1);
    if (mode == "tf_crop_and_resize") {
        if (axis.to == 1) return 0.5F * (axis.roi_begin + axis.roi_end) * (from - 1);
        return axis.roi_begin * (from - 1) +
               x * (axis.roi_end - axis.roi_begin) * (from - 1) / static_cast<float>(axis.to - 1);
    }
    unsupported("coordinate_transformation_mode " + mode);
}

float nearest_of(float origin, const std::string& mode)
{
    if (mode == "floor") return std::floor(origin);
    if (mode == "ceil") return std::ceil(origin);
    if (mode == "round_prefer_ceil") return std::floor(origin + 0.5F);
    if (mode == "round_prefer_floor") return std::ceil(origin - 0.5F);
    unsupported("nearest_mode " + mode);
}

/// For each new place the old ones that it is made of, and with which weight. Tap by tap.
struct Taps {
    std::vector<std::vector<std::int64_t>> places;
    std::vector<std::vector<double>> weights;  ///< empty: 1
    std::vector<std::uint8_t> outside;         ///< empty: none
};

void add_cubic(Taps& taps, const Axis& axis, const Rule& rule, float origin)
{
    const auto base = std::floor(origin);
    const double t = static_cast<double>(origin - base);
    const double a = static_cast<double>(rule.cubic);
    double weights[4];
    for (int i = 0; i < 4; ++i) {
        const double d = std::abs(t + 1 - i);
        weights[i] = d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1
                            : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
        const auto place = static_cast<std::int64_t>(base) - 1 + i;
        if (rule.exclude_outside && (place < 0 || place >= axis.from)) weights[i] = 0;
    }
    const double sum = weights[0] + weights[1] + weights[2] + weights[3];
    for (std::size_t i = 0; i < 4; ++i) {
        const auto place = static_cast<std::int64_t>(base) - 1 + static_cast<std::int64_t>(i);
        taps.places[i].push_back(std::clamp<std::int64_t>(place, 0, axis.from - 1));
        taps.weights[i].push_back(rule.exclude_outside ? weights[i] / sum : weights[i]);
    }
}

void add_linear(Taps& taps, const Axis& axis, float origin)
{
    const auto inside = std::clamp(origin, 0.0F, static_cast<float>(axis.from - 1));
    const auto low = static_cast<std::int64_t>(inside);
    const double share = static_cast<double>(inside - static_cast<float>(low));
    taps.places[0].push_back(low);
    taps.places[1].push_back(std::min(low + 1, axis.from - 1));
    taps.weights[0].push_back(1 - share);
    taps.weights[1].push_back(share);
}

Taps taps_of(const Axis& axis, const Rule& rule)
{
    const std::size_t count = rule.mode == "nearest" ? 1 : rule.mode == "linear" ? 2 : 4;
    Taps taps;
    taps.places.resize(count);
    if (count > 1) taps.weights.resize(count);
    const bool crops = rule.coordinates == "tf_crop_and_resize";
    for (std::int64_t place = 0; place < axis.to; ++place) {
        const auto origin = origin_of(place, axis, rule.coordinates);
        require(std::isfinite(origin) && std::abs(origin) < 1e9F,
                "a place far outside of the image");
        if (crops) taps.outside.push_back(origin < 0 || origin > static_cast<float>(axis.from - 1));
        if (count == 1)
            taps.places[0].push_back(std::clamp<std::int64_t>(
                static_cast<std::int64_t>(nearest_of(origin, rule.nearest)), 0, axis.from - 1));
        else if (count == 2)
            add_linear(taps, axis, origin);
        else
            add_cubic(taps, axis, rule, origin);
    }
    return taps;
}

at::Tensor resized(const at::Tensor& x, std::int64_t dimension, const Axis& axis, const Rule& rule)
{
    const auto taps = taps_of(axis, rule);
    Sizes view(static_cast<std::size_t>(x.dim()), 1);
    view[static_cast<std::size_t>(dimension)] = axis.to;
    at::Tensor result;
    for (std::size_t i = 0; i < taps.places.size(); ++i) {
        auto part =
            at::index_select(x, dimension, at::tensor(at::IntArrayRef{taps.places[i]}, at::kLong));
        if (!taps.weights.empty())
            part = part * at::tensor(at::ArrayRef<double>{taps.weights[i]}, at::kDouble)
                              .to(x.scalar_type())
                              .view(view);
        result = i == 0 ? part : result + part;
    }
    if (!taps.outside.empty()) {
        const auto outside = at::tensor(at::ArrayRef<std::uint8_t>{taps.outside}, at::kByte);
        result = result.masked_fill(outside.to(at::kBool).view(view),
                                    static_cast<double>(rule.extrapolation));
    }
    return result;
}

std::vector<double> numbers_in(const Call& call, std::size_t input)
{
    const auto wide = call.in(input).to(at::kDouble).contiguous();
    require(wide.dim() == 1 && wide.numel() <= 64, "a list of numbers has another shape");
    const auto* first = wide.data_ptr<double>();
    return {first, first + wide.numel()};
}

// Where version by version put the scales and the sizes.
std::vector<Axis> axes_of_image(const Call& call)
{
    const auto& x = call.in(0);
    const auto rank = static_cast<std::size_t>(x.dim());
    const bool late = call.since() >= 11;
    std::vector<double> scales;
    Sizes sizes;
    if (late && call.has(3) && call.in(3).numel() != 0) sizes = call.integers_in(3);
    if (sizes.empty()) {
        if (call.says("scales"))
            for (const auto scale : call.numbers("scales"))
                scales.push_back(static_cast<double>(scale));
        else
            scales = numbers_in(call, late ? 2 : 1);
    }
    require(sizes.size() == rank || scales.size() == rank, "a scale or a size for each dimension");
    std::vector<double> roi;
    if (late && call.has(1) && call.in(1).numel() != 0) roi = numbers_in(call, 1);
    std::vector<Axis> axes(rank);
    for (std::size_t i = 0; i < rank; ++i) {
        auto& axis = axes[i];
        axis.from = x.size(static_cast<std::int64_t>(i));
        if (sizes.empty()) {
            axis.scale = static_cast<float>(scales[i]);
            require(scales[i] > 0 && scales[i] < 1e6, "a scale of " + std::to_string(scales[i]));
            axis.to =
                static_cast<std::int64_t>(std::floor(static_cast<float>(axis.from) * axis.scale));
        } else {
            axis.to = sizes[i];
            axis.scale = static_cast<float>(axis.to) / static_cast<float>(axis.from);
        }
        require(axis.from > 0 && axis.to >= 0 && axis.to <= most_places,
                "a dimension of " + std::to_string(axis.to));
        if (roi.size() == 2 * rank) {
            axis.roi_begin = static_cast<float>(roi[i]);
            axis.roi_end = static_cast<float>(roi[i + rank]);
        }
    }
    return axes;
}

Outputs resize(const Call& call)
{
    const auto rule = rule_of(call);
    if (rule.mode != "nearest" && rule.mode != "linear" && rule.mode != "cubic")
        unsupported("mode " + rule.mode);
    if (rule.mode != "nearest" && !call.in(0).is_floating_point())
        unsupported("mode " + rule.mode + " of whole numbers");
    const auto axes = axes_of_image(call);
    auto result = call.in(0);
    const bool crops = rule.coordinates == "tf_crop_and_resize";
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const bool same = axes[i].from == axes[i].to && axes[i].scale == 1 &&
                          (!crops || (axes[i].roi_begin == 0 && axes[i].roi_end == 1));
        if (!same) result = resized(result, static_cast<std::int64_t>(i), axes[i], rule);
    }
    return one(result);
}

// 0 bilinear, 1 nearest, 2 bicubic; 0 zeros, 1 border, 2 reflection.
std::int64_t numbered(const std::string& word, const char* zero, const char* first,
                      const char* second)
{
    if (word == zero) return 0;
    if (word == first) return 1;
    if (word != second) unsupported("GridSample with " + word);
    return 2;
}

Outputs grid_sample(const Call& call)
{
    const auto mode = numbered(call.text("mode", "bilinear"), "bilinear", "nearest", "bicubic");
    const auto pads = numbered(call.text("padding_mode", "zeros"), "zeros", "border", "reflection");
    return one(at::grid_sampler(call.in(0), call.in(1), mode, pads,
                                call.integer("align_corners", 0) != 0));
}

const Row rows_of_resizing[] = {
    {.name = "Resize", .first = 10, .last = 13, .function = resize, .settings_from = 1},
    {.name = "Upsample", .first = 7, .last = 9, .function = resize, .settings_from = 1},
    {"GridSample", 16, 16, Gradient::exact, grid_sample},
};

}  // namespace

std::span<const Row> resizing()
{
    return rows_of_resizing;
}

}  // namespace training::families
