#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace demo {

inline constexpr int image_side = 28;
inline constexpr int image_pixels = image_side * image_side;

/// Grey, row by row; 0 is paper and 1 is ink.
using Image = std::array<float, image_pixels>;

/// A small generator whose sequence is the same everywhere (SplitMix64; Steele, Lea, Flood 2014).
class Random {
public:
    explicit Random(std::uint64_t seed) : state_{seed} {}
    std::uint64_t next();
    /// Uniform in [low, high).
    float between(float low, float high);
    std::uint32_t below(std::uint32_t count);

private:
    std::uint64_t state_;
};

/// Draws `digit` (0...9) as no two people would: one of several ways to write it, turned, sheared,
/// stretched, bent, thick or thin, with noise.
Image draw_digit(int digit, Random& random);

}  // namespace demo
