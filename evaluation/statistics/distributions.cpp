#include "evaluation/statistics/distributions.hpp"

#include "evaluation/statistics/measure.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>

#include <cmath>

namespace evaluation {
namespace {

namespace policies = boost::math::policies;

// Long doubles differ between machines; what cannot be computed is a NaN, not an exception.
using Plain = policies::policy<
    policies::promote_double<false>, policies::domain_error<policies::ignore_error>,
    policies::pole_error<policies::ignore_error>, policies::overflow_error<policies::ignore_error>,
    policies::underflow_error<policies::ignore_error>,
    policies::denorm_error<policies::ignore_error>,
    policies::evaluation_error<policies::ignore_error>,
    policies::indeterminate_result_error<policies::ignore_error>>;
using StudentsT = boost::math::students_t_distribution<double, Plain>;

}  // namespace

double beta_quantile(double a, double b, double probability)
{
    return boost::math::ibeta_inv(a, b, probability, Plain{});
}

double coins_at_most(std::uint64_t k, std::uint64_t n)
{
    if (k >= n) return 1;
    return boost::math::ibetac(real(k) + 1, real(n - k), 0.5, Plain{});
}

double coins_exactly(std::uint64_t k, std::uint64_t n)
{
    // The density of a beta distribution with a = k + 1, b = n - k + 1 is (n + 1) times this.
    return boost::math::ibeta_derivative(real(k) + 1, real(n - k) + 1, 0.5, Plain{}) /
           (real(n) + 1);
}

double student_bound(std::uint64_t freedom)
{
    return boost::math::quantile(StudentsT{real(freedom)}, (1 + confidence_level) / 2);
}

double student_two_sided(double t, std::uint64_t freedom)
{
    const StudentsT distribution{real(freedom)};
    return 2 * boost::math::cdf(boost::math::complement(distribution, std::abs(t)));
}

}  // namespace evaluation
