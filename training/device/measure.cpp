#include "training/device/measure.hpp"

#include <ATen/ATen.h>

#include <unistd.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <thread>
#include <vector>

namespace training {
namespace {

using Seconds = std::chrono::duration<double>;
using Steady = std::chrono::steady_clock;

constexpr std::int64_t side = 1024;  // three such matrices are 12 MiB for each thread
constexpr std::size_t least_rounds = 5;

/// Runs `work` for each of 0 to `threads` - 1 at once. Threads of our own: libtorch's are for those
/// who are compiled with OpenMP.
template <class Work>
void on_threads(std::uint32_t threads, Work work)
{
    std::vector<std::jthread> others;
    for (std::uint32_t i = 1; i < threads; ++i) others.emplace_back([&work, i] { work(i); });
    work(0);
}

template <class Work>
Seconds seconds_of(Work work)
{
    const auto began = Steady::now();
    work();
    return Steady::now() - began;
}

template <class Work>
double median_seconds(Seconds time, Work work)
{
    work();  // pages, caches and threads are there afterwards
    std::vector<double> rounds;
    Seconds spent{0};
    while (rounds.size() < least_rounds || spent < time) {
        const auto took = seconds_of(work);
        spent += took;
        rounds.push_back(took.count());
    }
    const auto middle = rounds.begin() + static_cast<std::ptrdiff_t>(rounds.size() / 2);
    std::nth_element(rounds.begin(), middle, rounds.end());
    return std::max(*middle, 1e-9);
}

std::uint64_t rate_of(double amount, double seconds)
{
    return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::llround(amount / seconds)));
}

}  // namespace

std::uint64_t measured_gflops(std::uint32_t threads, Seconds time)
{
    std::vector<std::array<at::Tensor, 3>> matrices(threads);
    for (auto& three : matrices)
        for (auto& each : three) each = at::ones({side, side}, at::kFloat);
    const auto seconds = median_seconds(time, [&] {
        on_threads(threads, [&](std::uint32_t thread) {
            auto& [product, left, right] = matrices[thread];
            at::mm_out(product, left, right);
        });
    });
    // One product and one sum for each pair of numbers.
    const auto each = 2.0 * std::pow(static_cast<double>(side), 3);
    return rate_of(each * threads / 1e9, seconds);
}

std::uint64_t measured_bandwidth_mbs(std::uint32_t threads, std::uint64_t bytes, Seconds time)
{
    const std::vector<std::uint8_t> from(bytes, 1);
    std::vector<std::uint8_t> to(bytes);
    const auto seconds = median_seconds(time, [&] {
        on_threads(threads, [&](std::uint32_t thread) {
            const auto begin = bytes * thread / threads;
            const auto end = bytes * (thread + 1) / threads;
            std::memcpy(to.data() + begin, from.data() + begin, end - begin);
        });
    });
    return rate_of(2 * static_cast<double>(bytes) / 1e6, seconds);
}

std::uint64_t buffer_beyond_caches(std::uint64_t memory_bytes)
{
    constexpr std::uint64_t least = 128 << 20;
    constexpr std::uint64_t most = 2ULL << 30;
    const auto cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
    const auto wanted =
        std::clamp(4 * static_cast<std::uint64_t>(std::max(cache, 0L)), least, most);
    return std::max<std::uint64_t>(1 << 20, std::min(wanted, memory_bytes / 8));
}

}  // namespace training
