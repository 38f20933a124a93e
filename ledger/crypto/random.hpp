#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/ids.hpp"

#include <cstdint>
#include <span>

namespace ledger {

/// Where unpredictable bytes come from. Passed as an argument to whatever needs some, so that
/// a simulation runs from a seed. Not for use by two threads at once unless said otherwise.
class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::uint8_t> bytes) = 0;

    std::uint64_t next_u64();
    /// Uniform in [0, bound); `bound` is not zero.
    std::uint64_t below(std::uint64_t bound);
    template <class Id>
    Id next()
    {
        Id id;
        fill(id.bytes);
        return id;
    }
};

/// The operating system's randomness by way of OpenSSL: for keys. Any thread. Stops the process
/// when there is none, as every key made without it would be weak.
class SystemRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> bytes) override;
};

/// SHA-256(seed || u64 counter), block after block: the same bytes on every machine for the same
/// seed, however they are asked for. For simulations and tests, never for a real key.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed);
    explicit SeededRandom(const Hash& seed) : seed_{seed} {}
    void fill(std::span<std::uint8_t> bytes) override;

private:
    Hash seed_;
    std::uint64_t counter_ = 0;
    Hash block_;
    std::size_t used_ = Hash::size;
};

}  // namespace ledger
