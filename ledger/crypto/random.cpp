#include "ledger/crypto/random.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/crypto/openssl.hpp"
#include "ledger/crypto/sha256.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>

namespace ledger {
namespace {

std::array<std::uint8_t, 8> big_endian(std::uint64_t value)
{
    std::array<std::uint8_t, 8> bytes{};
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
    return bytes;
}

}  // namespace

std::uint64_t Random::next_u64()
{
    std::array<std::uint8_t, 8> bytes{};
    fill(bytes);
    std::uint64_t value = 0;
    for (const auto byte : bytes) value = value << 8 | byte;
    return value;
}

std::uint64_t Random::below(std::uint64_t bound)
{
    ensure(bound != 0, "a number below zero was asked for");
    // 2^64 mod bound draws at the low end are skipped, so that every answer is as likely.
    const std::uint64_t skip = (0 - bound) % bound;
    while (true) {
        const std::uint64_t drawn = next_u64();
        if (drawn >= skip) return drawn % bound;
    }
}

void SystemRandom::fill(std::span<std::uint8_t> bytes)
{
    if (bytes.empty()) return;
    ensure(RAND_priv_bytes(bytes.data(), narrow_int(bytes.size())) == 1,
           "the system gives random bytes");
}

SeededRandom::SeededRandom(std::uint64_t seed) : seed_{sha256(big_endian(seed))} {}

void SeededRandom::fill(std::span<std::uint8_t> bytes)
{
    while (!bytes.empty()) {
        if (used_ == Hash::size) {
            Sha256 hasher;
            hasher.update(seed_.view());
            hasher.update(big_endian(counter_++));
            block_ = hasher.finish();
            used_ = 0;
        }
        const std::size_t count = std::min(bytes.size(), Hash::size - used_);
        std::copy_n(block_.bytes.begin() + static_cast<std::ptrdiff_t>(used_), count,
                    bytes.begin());
        used_ += count;
        bytes = bytes.subspan(count);
    }
}

}  // namespace ledger
