#include "evaluation/labelling/certificate.hpp"

#include "evaluation/statistics/intervals.hpp"
#include "ledger/base/ensure.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace evaluation {
namespace {

struct Checked {
    double confidence = 0;
    bool is_wrong = false;
};

/// `checked` from the most confident down, as are the confidences of the `pool`.
ClassCertificate certify_class(const std::vector<double>& pool, const std::vector<Checked>& checked,
                               std::uint64_t least, const CertificateRules& rules)
{
    const std::uint64_t n = checked.size();
    ClassCertificate found;
    found.verified = n;
    if (pool.empty() || n < least) return found;
    std::uint64_t above = 0;
    std::uint64_t errors = 0;
    for (auto expected = first_expected(n, least);;
         expected = std::min(n, expected + expected / 8 + 1)) {
        const auto rank = (pool.size() * expected + n - 1) / n;
        const auto threshold = pool[rank - 1];
        for (; above < n && checked[above].confidence >= threshold; ++above)
            if (checked[above].is_wrong) ++errors;
        const auto bound = clopper_pearson_upper(errors, above, rules.level);
        const auto passes = bound <= rules.epsilon;
        if (passes) found.threshold = threshold;
        if (passes || !found.threshold) {
            found.above = above;
            found.errors = errors;
            found.bound = bound;
        }
        if (!passes || expected == n) break;
    }
    if (found.threshold)
        found.labelled = static_cast<std::uint64_t>(
            std::upper_bound(pool.begin(), pool.end(), *found.threshold, std::greater<>{}) -
            pool.begin());
    return found;
}

}  // namespace

bool Certificate::labels_itself(std::uint32_t predicted, double confidence) const
{
    return predicted < of.size() && of[predicted].threshold &&
           confidence >= *of[predicted].threshold;
}

Certificate certify(std::span<const TeacherAnswer> pool, std::span<const VerifiedAnswer> verified,
                    std::size_t classes, const CertificateRules& rules)
{
    constexpr CertificateLimits limits;
    ledger::ensure(classes <= limits.classes, "a certificate has a bounded number of classes");
    ledger::ensure(pool.size() <= limits.answers && verified.size() <= limits.answers,
                   "a certificate is made from a bounded number of answers");
    std::vector<std::vector<double>> confidences(classes);
    for (const auto& answer : pool) {
        ledger::ensure(answer.predicted < classes, "a predicted class exists");
        confidences[answer.predicted].push_back(answer.confidence);
    }
    std::vector<std::vector<Checked>> checked(classes);
    for (const auto& answer : verified) {
        ledger::ensure(answer.predicted < classes, "a predicted class exists");
        checked[answer.predicted].push_back({answer.confidence, answer.label != answer.predicted});
    }
    const auto least = least_verified(rules);
    Certificate certificate;
    certificate.of.reserve(classes);
    for (std::size_t c = 0; c < classes; ++c) {
        std::sort(confidences[c].begin(), confidences[c].end(), std::greater<>{});
        std::sort(checked[c].begin(), checked[c].end(),
                  [](const Checked& a, const Checked& b) { return a.confidence > b.confidence; });
        certificate.of.push_back(certify_class(confidences[c], checked[c], least, rules));
    }
    return certificate;
}

std::uint64_t least_verified(const CertificateRules& rules)
{
    constexpr double edge = 1e-9;
    ledger::ensure(rules.epsilon >= edge && rules.epsilon <= 1 - edge, "epsilon is within (0, 1)");
    ledger::ensure(rules.level >= edge && rules.level <= 1 - edge, "the level is within (0, 1)");
    // Without errors the bound is 1 - (1 - level)^(1 / n); the steps undo what logarithms round.
    const auto bound = [&](std::uint64_t n) { return clopper_pearson_upper(0, n, rules.level); };
    auto n = static_cast<std::uint64_t>(
        std::max(1.0, std::ceil(std::log1p(-rules.level) / std::log1p(-rules.epsilon))));
    while (n > 1 && bound(n - 1) <= rules.epsilon) --n;
    while (bound(n) > rules.epsilon) ++n;
    return n;
}

std::uint64_t first_expected(std::uint64_t n, std::uint64_t least)
{
    return std::min(n, std::clamp(n / 4, least + least / 4, 2 * least));
}

double level_for_all(double level, std::size_t classes)
{
    return 1 - (1 - level) / real(std::max<std::size_t>(classes, 1));
}

}  // namespace evaluation
