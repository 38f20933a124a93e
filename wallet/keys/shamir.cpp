#include "wallet/keys/shamir.hpp"

#include "ledger/base/ensure.hpp"
#include "ledger/crypto/hash.hpp"

#include <algorithm>

namespace wallet::shamir {
namespace {

using ledger::Bytes;
using ledger::ByteView;
using ledger::SecretBytes;

constexpr std::uint8_t secret_x = 255;
constexpr std::uint8_t digest_x = 254;
constexpr std::size_t digest_bytes = 4;

/// In the field of AES, x^8 + x^4 + x^3 + x + 1, without a branch or an index made of the factors.
std::uint8_t product(std::uint8_t a, std::uint8_t b)
{
    std::uint8_t sum = 0;
    for (int bit = 0; bit < 8; ++bit) {
        sum ^= static_cast<std::uint8_t>(-(b & 1) & a);
        const auto carry = static_cast<std::uint8_t>(-(a >> 7) & 0x1b);
        a = static_cast<std::uint8_t>((a << 1) ^ carry);
        b = static_cast<std::uint8_t>(b >> 1);
    }
    return sum;
}

/// a^254, as the group has 255 elements.
std::uint8_t inverse(std::uint8_t a)
{
    std::uint8_t power = 1;
    for (int i = 0; i < 254; ++i) power = product(power, a);
    return power;
}

/// The value at `x` of the polynomial through these points (Lagrange).
SecretBytes interpolate(std::span<const Point> points, std::uint8_t x)
{
    SecretBytes value{points.front().y.size()};
    const auto bytes = value.mutable_view();
    for (const auto& point : points) {
        std::uint8_t basis = 1;
        for (const auto& other : points) {
            if (other.x == point.x) continue;
            const auto above = static_cast<std::uint8_t>(x ^ other.x);
            const auto below = static_cast<std::uint8_t>(point.x ^ other.x);
            basis = product(basis, product(above, inverse(below)));
        }
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ product(point.y.view()[i], basis));
    }
    return value;
}

/// The first bytes of HMAC-SHA256(key, secret).
Bytes digest_of(ByteView key, ByteView secret)
{
    auto digest = ledger::hmac_sha256(key, secret);
    digest.resize(digest_bytes);
    return digest;
}

}  // namespace

std::vector<Point> split(ByteView secret, std::size_t threshold, std::size_t count,
                         ledger::Random& random)
{
    ledger::ensure(threshold >= 1 && threshold <= count && count <= most_shares,
                   "a secret is split into 1 to 16 shares");
    ledger::ensure(secret.size() >= least_secret_bytes, "a secret has at least 16 bytes");
    std::vector<Point> points;
    if (threshold == 1) {
        for (std::size_t i = 0; i < count; ++i)
            points.push_back({static_cast<std::uint8_t>(i), SecretBytes::copy_of(secret)});
        return points;
    }
    for (std::size_t i = 0; i + 2 < threshold; ++i) {
        Point point{static_cast<std::uint8_t>(i), SecretBytes{secret.size()}};
        random.fill(point.y.mutable_view());
        points.push_back(std::move(point));
    }
    SecretBytes digest{secret.size()};
    const auto key = digest.mutable_view().subspan(digest_bytes);
    random.fill(key);
    std::ranges::copy(digest_of(key, secret), digest.mutable_view().begin());

    std::vector<Point> base;
    for (const auto& point : points) base.push_back({point.x, point.y.clone()});
    base.push_back({digest_x, std::move(digest)});
    base.push_back({secret_x, SecretBytes::copy_of(secret)});
    for (std::size_t i = points.size(); i < count; ++i) {
        const auto x = static_cast<std::uint8_t>(i);
        points.push_back({x, interpolate(base, x)});
    }
    return points;
}

ledger::Result<SecretBytes> combine(std::span<const Point> points, std::size_t threshold)
{
    ledger::ensure(threshold >= 1 && points.size() >= threshold, "there are enough points");
    if (threshold == 1) return points.front().y.clone();
    const auto used = points.first(threshold);
    auto secret = interpolate(used, secret_x);
    const auto digest = interpolate(used, digest_x);
    const auto wanted = digest_of(digest.view().subspan(digest_bytes), secret.view());
    if (!ledger::equal_in_constant_time(digest.view().first(digest_bytes), wanted))
        return ledger::invalid("the shares do not belong together, or one of them is wrong");
    return secret;
}

}  // namespace wallet::shamir
