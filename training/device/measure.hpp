#pragma once

#include <chrono>
#include <cstdint>

namespace training {

/// 10^9 operations of single precision a second, at least 1: each of `threads` multiplies square
/// matrices of its own, as a product takes one thread here. The median of as many rounds as `time`
/// has room for, and of 5 at least.
std::uint64_t measured_gflops(std::uint32_t threads, std::chrono::duration<double> time);

/// 10^6 bytes a second, at least 1, that `threads` together read and write while each copies its
/// part of a buffer of `bytes`. The median as above.
std::uint64_t measured_bandwidth_mbs(std::uint32_t threads, std::uint64_t bytes,
                                     std::chrono::duration<double> time);

/// A buffer far above this machine's caches, and far below its memory.
std::uint64_t buffer_beyond_caches(std::uint64_t memory_bytes);

}  // namespace training
