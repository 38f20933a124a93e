#pragma once

#include <cstdint>

/// The few distributions that intervals and tests are made of, from Boost.Math in plain doubles, so
/// that every machine gets the same. Nothing here throws.
namespace evaluation {

/// Of the standard normal distribution, where `confidence_level` leaves half of the rest above it.
inline constexpr double normal_bound = 1.959963984540054;

/// The x below which a beta distribution has `probability`; all arguments above 0, the last
/// below 1.
double beta_quantile(double a, double b, double probability);

/// P(X <= k) and P(X = k) of `n` fair coins; k is at most n.
double coins_at_most(std::uint64_t k, std::uint64_t n);
double coins_exactly(std::uint64_t k, std::uint64_t n);

/// As normal_bound, of Student's distribution with so many degrees of freedom, at least 1.
double student_bound(std::uint64_t freedom);
/// P(|T| >= |t|).
double student_two_sided(double t, std::uint64_t freedom);

}  // namespace evaluation
