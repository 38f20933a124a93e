#pragma once

#include "ledger/base/ensure.hpp"

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>

namespace ledger {

/// A share in hundredths of a percent: 250 is 2.5 %.
struct BasisPoints {
    std::uint32_t value{};
    static constexpr std::uint32_t whole = 10'000;
    friend constexpr auto operator<=>(BasisPoints, BasisPoints) = default;
};

/// A share in millionths.
struct PartsPerMillion {
    std::uint32_t value{};
    static constexpr std::uint32_t whole = 1'000'000;
    friend constexpr auto operator<=>(PartsPerMillion, PartsPerMillion) = default;
};

/// Money in millionths of a token (1 token is 1'000'000). Never negative; u64, checked.
class Amount {
public:
    constexpr Amount() = default;
    static constexpr Amount micros(std::uint64_t count) { return Amount{count}; }
    static constexpr Amount max() { return Amount{std::numeric_limits<std::uint64_t>::max()}; }

    constexpr std::uint64_t micros() const { return micros_; }
    constexpr bool is_zero() const { return micros_ == 0; }
    friend constexpr auto operator<=>(Amount, Amount) = default;

    /// Empty when the sum does not fit.
    constexpr std::optional<Amount> plus(Amount other) const
    {
        if (other.micros_ > std::numeric_limits<std::uint64_t>::max() - micros_) return {};
        return Amount{micros_ + other.micros_};
    }
    /// Empty when the difference would be negative.
    constexpr std::optional<Amount> minus(Amount other) const
    {
        if (other.micros_ > micros_) return {};
        return Amount{micros_ - other.micros_};
    }
    /// Empty when the product does not fit.
    constexpr std::optional<Amount> times(std::uint64_t factor) const
    {
        if (factor != 0 && micros_ > std::numeric_limits<std::uint64_t>::max() / factor) return {};
        return Amount{micros_ * factor};
    }

    /// this * part / whole, rounded down. Exact for every amount; `part` is at most `whole`.
    Amount share_down(std::uint64_t part, std::uint64_t whole) const
    {
        ensure(part <= whole && whole != 0, "a share is at most the whole");
        return Amount{static_cast<std::uint64_t>(wide(micros_) * part / whole)};
    }
    /// The same, rounded up.
    Amount share_up(std::uint64_t part, std::uint64_t whole) const
    {
        ensure(part <= whole && whole != 0, "a share is at most the whole");
        return Amount{static_cast<std::uint64_t>((wide(micros_) * part + (whole - 1)) / whole)};
    }
    Amount share_down(BasisPoints p) const { return share_down(p.value, p.whole); }
    Amount share_up(BasisPoints p) const { return share_up(p.value, p.whole); }
    Amount share_down(PartsPerMillion p) const { return share_down(p.value, p.whole); }

private:
    __extension__ using Wide = unsigned __int128;
    static constexpr Wide wide(std::uint64_t v) { return v; }
    constexpr explicit Amount(std::uint64_t count) : micros_{count} {}
    std::uint64_t micros_ = 0;
};

/// For sums that are bounded by something already checked (the supply): stops the process
/// otherwise.
inline Amount operator+(Amount a, Amount b)
{
    const auto sum = a.plus(b);
    ensure(sum.has_value(), "amounts add up within the supply");
    return *sum;
}
inline Amount operator-(Amount a, Amount b)
{
    const auto rest = a.minus(b);
    ensure(rest.has_value(), "an amount is subtracted only after it was checked");
    return *rest;
}

}  // namespace ledger
