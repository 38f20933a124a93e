#include "demo/glyphs.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace demo {
namespace {

struct Point {
    float x, y;  ///< in a square from 0 to 1; y grows downwards
};
using Stroke = std::vector<Point>;
using Glyph = std::vector<Stroke>;

constexpr float turn = 2 * std::numbers::pi_v<float>;

/// Part of an ellipse as a stroke; angles in turns, 0 to the right, growing clockwise.
Stroke arc(Point centre, float wide, float high, float from, float to)
{
    Stroke stroke;
    constexpr int steps = 20;
    for (int i = 0; i <= steps; ++i) {
        const auto angle = turn * (from + (to - from) * static_cast<float>(i) / steps);
        stroke.push_back({centre.x + wide * std::cos(angle), centre.y + high * std::sin(angle)});
    }
    return stroke;
}

Stroke operator+(Stroke first, const Stroke& second)
{
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

// Several ways to write each digit.
const std::array<std::vector<Glyph>, 10>& all_glyphs()
{
    static const std::array<std::vector<Glyph>, 10> glyphs{{
        {{arc({.5F, .5F}, .30F, .42F, 0, 1)},
         {arc({.5F, .5F}, .22F, .42F, 0, 1)},
         {arc({.5F, .5F}, .30F, .42F, -.22F, .76F)}},
        {{{{.5F, .08F}, {.5F, .92F}}},
         {{{.36F, .26F}, {.54F, .08F}, {.54F, .92F}}},
         {{{.36F, .26F}, {.52F, .08F}, {.52F, .92F}}, {{.34F, .92F}, {.70F, .92F}}}},
        {{arc({.5F, .30F}, .28F, .22F, -.5F, .08F) + Stroke{{.22F, .92F}, {.80F, .92F}}},
         {arc({.48F, .30F}, .26F, .22F, -.45F, .12F) + Stroke{{.30F, .80F}} +
          arc({.33F, .84F}, .10F, .08F, -.25F, -1.1F) + Stroke{{.55F, .88F}, {.82F, .90F}}},
         {{{.22F, .10F}, {.74F, .10F}, {.76F, .40F}, {.24F, .62F}, {.22F, .90F}, {.80F, .90F}}}},
        {{arc({.46F, .29F}, .27F, .21F, -.42F, .25F) + arc({.46F, .70F}, .30F, .22F, -.25F, .42F)},
         {Stroke{{.24F, .10F}, {.74F, .10F}, {.46F, .42F}} +
          arc({.46F, .67F}, .28F, .25F, -.25F, .42F)},
         {arc({.46F, .30F}, .24F, .20F, -.40F, .22F) + arc({.46F, .70F}, .26F, .21F, -.22F, .40F),
          {{.40F, .49F}, {.56F, .49F}}}},
        {{{{.64F, .92F}, {.64F, .08F}, {.18F, .64F}, {.84F, .64F}}},
         {{{.28F, .10F}, {.22F, .54F}, {.78F, .54F}}, {{.68F, .10F}, {.66F, .92F}}},
         {{{.32F, .10F}, {.20F, .60F}, {.80F, .58F}}, {{.60F, .36F}, {.58F, .92F}}}},
        {{Stroke{{.76F, .10F}, {.30F, .10F}, {.26F, .46F}} +
          arc({.46F, .66F}, .30F, .25F, -.34F, .40F)},
         {Stroke{{.30F, .12F}, {.28F, .44F}} + arc({.48F, .66F}, .26F, .25F, -.33F, .38F),
          {{.30F, .12F}, {.78F, .10F}}},
         {{{.78F, .10F}, {.26F, .10F}, {.26F, .48F}, {.74F, .50F}, {.76F, .88F}, {.22F, .90F}}}},
        {{Stroke{{.66F, .08F}, {.36F, .36F}, {.23F, .66F}} +
          arc({.50F, .68F}, .27F, .23F, .5F, 1.5F)},
         {arc({.60F, .50F}, .36F, .42F, -.20F, -.5F) + Stroke{{.24F, .66F}} +
          arc({.50F, .70F}, .26F, .21F, -.5F, .5F)},
         {Stroke{{.44F, .08F}, {.28F, .50F}} + arc({.50F, .70F}, .24F, .20F, -.48F, .54F)}},
        {{{{.20F, .10F}, {.80F, .10F}, {.42F, .92F}}},
         {{{.20F, .10F}, {.80F, .10F}, {.46F, .92F}}, {{.36F, .50F}, {.74F, .50F}}},
         {{{.22F, .22F}, {.22F, .10F}, {.78F, .10F}, {.58F, .46F}, {.50F, .92F}}}},
        {{arc({.5F, .29F}, .22F, .20F, .25F, 1.25F) + arc({.5F, .71F}, .27F, .22F, -.25F, .75F)},
         {{{.70F, .16F},
           {.44F, .08F},
           {.30F, .24F},
           {.48F, .46F},
           {.70F, .68F},
           {.60F, .88F},
           {.38F, .90F},
           {.28F, .70F},
           {.50F, .46F},
           {.72F, .26F},
           {.66F, .14F}}},
         {arc({.5F, .28F}, .25F, .19F, 0, 1), arc({.5F, .70F}, .25F, .22F, 0, 1)}},
        {{arc({.48F, .32F}, .26F, .23F, 0, 1) + Stroke{{.74F, .36F}, {.66F, .70F}, {.50F, .92F}}},
         {arc({.48F, .32F}, .25F, .23F, 0, 1), {{.73F, .10F}, {.73F, .92F}}},
         {arc({.48F, .32F}, .26F, .22F, 0, 1) + Stroke{{.74F, .60F}} +
          arc({.48F, .66F}, .26F, .25F, 0, .42F)}},
    }};
    return glyphs;
}

/// A smooth bending of the plane: a few waves in random directions.
class Bend {
public:
    explicit Bend(Random& random)
    {
        for (auto& wave : waves_)
            wave = {random.between(0.6F, 1.6F), random.between(0, 1),
                    random.between(-.028F, .028F)};
    }
    Point operator()(Point p) const
    {
        const auto wave = [](const Wave& w, float at) {
            return w.size * std::sin(turn * (w.speed * at + w.phase));
        };
        return {p.x + wave(waves_[0], p.y) + wave(waves_[1], p.x),
                p.y + wave(waves_[2], p.x) + wave(waves_[3], p.y)};
    }

private:
    struct Wave {
        float speed, phase, size;
    };
    std::array<Wave, 4> waves_{};
};

float distance_to(Point p, Point a, Point b)
{
    const auto dx = b.x - a.x;
    const auto dy = b.y - a.y;
    const auto length = dx * dx + dy * dy;
    auto along = length == 0 ? 0 : ((p.x - a.x) * dx + (p.y - a.y) * dy) / length;
    along = std::clamp(along, 0.0F, 1.0F);
    return std::hypot(p.x - a.x - along * dx, p.y - a.y - along * dy);
}

}  // namespace

std::uint64_t Random::next()
{
    state_ += 0x9e3779b97f4a7c15;
    auto z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

float Random::between(float low, float high)
{
    return low + (high - low) * static_cast<float>(next() >> 40) / static_cast<float>(1 << 24);
}

std::uint32_t Random::below(std::uint32_t count)
{
    return static_cast<std::uint32_t>(((next() >> 32) * count) >> 32);
}

Image draw_digit(int digit, Random& random)
{
    const auto& ways = all_glyphs()[static_cast<std::size_t>(digit)];
    auto glyph = ways[random.below(static_cast<std::uint32_t>(ways.size()))];
    const Bend bend{random};
    const auto angle = random.between(-.22F, .22F);
    const auto shear = random.between(-.20F, .20F);
    const auto wide = random.between(.68F, 1.0F);
    const auto high = random.between(.72F, 1.0F);
    const Point shift{random.between(-1.8F, 1.8F), random.between(-1.8F, 1.8F)};
    const auto half_width = random.between(.8F, 1.7F);
    const auto ink = random.between(.75F, 1.0F);
    const auto noise = random.between(0, .10F);

    Image image{};
    for (auto& stroke : glyph) {
        for (auto& point : stroke) {
            const auto bent = bend(point);
            const auto x = (bent.x - .5F) * wide;
            const auto y = (bent.y - .5F) * high;
            const auto sheared = x - shear * y;
            point = {image_side / 2.0F + shift.x +
                         22 * (sheared * std::cos(angle) - y * std::sin(angle)),
                     image_side / 2.0F + shift.y +
                         22 * (sheared * std::sin(angle) + y * std::cos(angle))};
        }
        for (std::size_t i = 1; i < stroke.size(); ++i) {
            const auto& a = stroke[i - 1];
            const auto& b = stroke[i];
            const auto reach = half_width + 1;
            const auto first = [&](float v) {
                return std::clamp(static_cast<int>(v - reach), 0, image_side - 1);
            };
            const auto last = [&](float v) {
                return std::clamp(static_cast<int>(v + reach), 0, image_side - 1);
            };
            for (int row = first(std::min(a.y, b.y)); row <= last(std::max(a.y, b.y)); ++row)
                for (int column = first(std::min(a.x, b.x)); column <= last(std::max(a.x, b.x));
                     ++column) {
                    const Point centre{static_cast<float>(column) + .5F,
                                       static_cast<float>(row) + .5F};
                    const auto covered =
                        std::clamp(half_width + .5F - distance_to(centre, a, b), 0.0F, 1.0F);
                    auto& pixel = image[static_cast<std::size_t>(row * image_side + column)];
                    pixel = std::max(pixel, ink * covered);
                }
        }
    }
    for (auto& pixel : image) pixel = std::clamp(pixel + random.between(-noise, noise), 0.0F, 1.0F);
    return image;
}

}  // namespace demo
