#pragma once

#include <cstdint>

namespace ledger {

/// Numbers that look random and follow from a seed alone, the same on every machine: for orders,
/// splits, first weights. Nobody's secret may come from here. SplitMix64 (Steele, Lea and Flood,
/// 2014).
class Draws {
public:
    explicit constexpr Draws(std::uint64_t seed) : state_{seed} {}

    /// The draws of stream `number` of a seed: those of two streams have nothing to do with each
    /// other.
    static constexpr Draws stream(std::uint64_t seed, std::uint64_t number)
    {
        Draws first{seed};
        Draws second{first.next() ^ number};
        return Draws{second.next()};
    }

    constexpr std::uint64_t next()
    {
        state_ += 0x9e3779b97f4a7c15;
        auto mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        return mixed ^ (mixed >> 31);
    }

    /// Each of 0 to `bound` - 1 alike, and 0 where `bound` is 0: Lemire, "Fast random integer
    /// generation in an interval", 2019.
    constexpr std::uint64_t below(std::uint64_t bound)
    {
        __extension__ using Wide = unsigned __int128;
        auto product = Wide{next()} * bound;
        if (static_cast<std::uint64_t>(product) < bound)
            for (const auto least = (0 - bound) % bound;
                 static_cast<std::uint64_t>(product) < least;)
                product = Wide{next()} * bound;
        return static_cast<std::uint64_t>(product >> 64);
    }

    /// In [0, 1), in steps of 2^-53.
    constexpr double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
    /// In [-1, 1), in steps of 2^-23.
    constexpr float next_float()
    {
        return static_cast<float>(next() >> 40) / static_cast<float>(1 << 23) - 1.0F;
    }

private:
    std::uint64_t state_;
};

}  // namespace ledger
