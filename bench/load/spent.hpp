#pragma once

#include "ledger/crypto/secp256k1.hpp"

#include <time.h>

#include <chrono>
#include <thread>
#include <vector>

/// Wall and processor time, and the signature checks that everything is held against.
namespace bench {

using Steady = std::chrono::steady_clock;

inline double since(Steady::time_point began)
{
    return std::chrono::duration<double>(Steady::now() - began).count();
}

inline double cpu_seconds()
{
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

/// Wall and processor time of what was done, however many turns it took.
struct Spent {
    double wall = 0;
    double cpu = 0;
    double done = 0;

    template <class Act>
    void measure(std::size_t count, const Act& act)
    {
        const auto began = Steady::now();
        const auto cpu_before = cpu_seconds();
        act();
        wall += since(began);
        cpu += cpu_seconds() - cpu_before;
        done += static_cast<double>(count);
    }
    double a_second() const { return done / wall; }
    double a_cpu_second() const { return done / cpu; }
};

/// Runs `act` with 0...count-1 on that many threads.
template <class Act>
void on_threads(unsigned count, const Act& act)
{
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < count; ++i) threads.emplace_back([&act, i] { act(i); });
    for (auto& thread : threads) thread.join();
}

/// V: nothing but recoveries on that many threads.
inline void measure_recoveries(Spent& bare, unsigned threads, std::size_t each = 4'000)
{
    bare.measure(each * threads, [&] {
        on_threads(threads, [&](unsigned thread) {
            ledger::Hash digest;
            digest.bytes.fill(static_cast<std::uint8_t>(thread + 1));
            const auto signature =
                ledger::sign(*ledger::SecretKey::from_bytes(ledger::Bytes(32, 7)), digest);
            for (std::size_t i = 0; i < each; ++i)
                if (!ledger::recover_key(digest, signature)) std::abort();
        });
    });
}

}  // namespace bench
