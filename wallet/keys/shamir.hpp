#pragma once

#include "ledger/base/result.hpp"
#include "ledger/crypto/random.hpp"
#include "ledger/crypto/secret.hpp"

#include <cstdint>
#include <span>
#include <vector>

/// Shamir's secret sharing over GF(256), byte by byte, as SLIP-0039 has it: the field of AES, the
/// secret at x = 255, at x = 254 a digest of it, by which a wrong share is found. Takes the same
/// time whatever the secret is.
namespace wallet::shamir {

constexpr std::size_t most_shares = 16;
constexpr std::size_t least_secret_bytes = 16;

struct Point {
    std::uint8_t x{};
    ledger::SecretBytes y;
};

/// `count` points with x = 0, 1, …, of which any `threshold` give the secret and fewer tell
/// nothing. 1 <= threshold <= count <= 16; at least 16 bytes. With threshold 1 each is the secret
/// itself.
std::vector<Point> split(ledger::ByteView secret, std::size_t threshold, std::size_t count,
                         ledger::Random& random);

/// The secret of `threshold` points with unlike x below 16 and y of one length; points beyond are
/// not looked at. `invalid` when the digest does not fit: a point is wrong or of another secret.
ledger::Result<ledger::SecretBytes> combine(std::span<const Point> points, std::size_t threshold);

}  // namespace wallet::shamir
