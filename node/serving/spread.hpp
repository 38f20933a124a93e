#pragma once

#include "market/messages/model.hpp"

#include <atomic>
#include <cstdint>
#include <span>

namespace node {

/// Spreads calls over versions by weight, evenly also over few of them: call n falls on the place
/// n·φ mod 1 (a Kronecker sequence with the golden ratio). No randomness; any thread.
class Spread {
public:
    /// Index of the target whose turn it is; `targets` is not empty, no weight is 0.
    std::size_t next(std::span<const market::AliasTarget> targets);
    /// True for `percent` of the calls.
    bool next_of(std::uint32_t percent);

private:
    std::uint64_t point();

    std::atomic<std::uint64_t> calls_{0};
};

}  // namespace node
