#pragma once

#include "ledger/base/result.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

/// Which samples are for what, and in which order they come. Everything follows from counts, labels
/// and a seed alone, on every machine (ledger/base/draws.hpp), so that whoever has the data and the
/// seed has the same split.
namespace samples {

/// A part of all samples: millionths, rounded down, or so many.
struct Portion {
    enum class Unit { millionths, samples };
    Unit unit = Unit::samples;
    std::uint64_t value = 0;
    friend bool operator==(const Portion&, const Portion&) = default;
};
/// "15%", "12.5%" or "1000". `invalid`.
ledger::Result<Portion> portion_of(std::string_view text);

struct SplitOptions {
    std::uint64_t seed = 0;
    Portion validation;
    Portion test;
};

/// Indices in rising order; each sample is in one part.
struct Split {
    std::vector<std::size_t> train, validation, test;
};

/// `labels`, where given, has one for each sample, and each part has of each class as many as its
/// size says, give or take one. The test part depends on the seed and its own portion only.
/// `invalid` where validation and test leave nothing to train with.
ledger::Result<Split> split(std::size_t samples, const SplitOptions& options,
                            std::span<const std::int64_t> labels = {});

/// The order of one epoch, counted from 0.
std::vector<std::size_t> shuffled(std::size_t samples, std::uint64_t seed, std::uint64_t epoch);

}  // namespace samples
