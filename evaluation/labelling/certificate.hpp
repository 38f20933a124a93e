#pragma once

#include "evaluation/statistics/measure.hpp"

#include <cstddef>
#include <span>
#include <vector>

/// Which answers of a teacher may become labels that nobody looks at (Vishwakarma et al.,
/// "Promises and Pitfalls of Threshold-based Auto-labeling", NeurIPS 2023): those of a class with
/// at least a confidence above which people, who verified a sample, found so few errors that a
/// share of more than `epsilon` is ruled out.
namespace evaluation {

/// What the teacher said of an item of the pool, which is what may be labelled.
struct TeacherAnswer {
    std::uint32_t predicted = 0;
    double confidence = 0;  ///< in [0, 1]; any score will do that grows with trust
};

/// What it said of an item of which a person said what it is.
struct VerifiedAnswer {
    std::uint32_t predicted = 0;
    std::uint32_t label = 0;
    double confidence = 0;
};

/// Both from 1e-9 to 1 - 1e-9.
struct CertificateRules {
    double epsilon = 0.02;            ///< the greatest share of errors that is borne
    double level = confidence_level;  ///< of the statement about one class, one-sided
};

struct CertificateLimits {
    std::size_t classes = 65'536;
    std::size_t answers = 100'000'000;  ///< of the pool, and verified
};

/// Of the answers with one predicted class.
struct ClassCertificate {
    std::optional<double> threshold;  ///< none: no answer labels itself
    std::uint64_t verified = 0;       ///< with any confidence
    /// Verified answers at or above the threshold, the errors among them, and the upper bound of
    /// the share of errors there. Without a threshold, of the first that was tried.
    std::uint64_t above = 0;
    std::uint64_t errors = 0;
    double bound = 1;
    std::uint64_t labelled = 0;  ///< answers of the pool that label themselves
};

struct Certificate {
    std::vector<ClassCertificate> of;  ///< each class

    /// Whether an answer becomes a label; never where the class is none.
    bool labels_itself(std::uint32_t predicted, double confidence) const;
};

/// For each class the lowest threshold that is certified. Classes are below `classes`.
///
/// **Requires** that the verified answers of a class are drawn from the pool's of that class by
/// chance alone. Confidence may not matter: people who verify what is doubtful first learn nothing
/// of the rest. Nor may teacher or confidences have been fitted to them. (Or both are drawn from
/// the same source, which the statement is then about.)
///
/// **Says** for each class: with probability `level` there is no threshold, or at most `epsilon` of
/// the answers at or above it are wrong. That holds although the threshold is chosen by the same
/// sample. Which ones are tried, and in which order, follows from the confidences of the pool and
/// the *number* n of verified answers of the class, not from what these were: m being
/// least_verified(), the confidence in the pool above which first_expected(n, m) of the n are
/// expected, then an eighth more each time, down to the whole class. From the strictest on each is
/// tested with the upper bound of Clopper and Pearson, which is exact for a threshold so fixed
/// (and too wide where much of the pool is verified), until the first that fails. To certify
/// anything wrong, the first wrong one in that order must pass, and that one alone does so with
/// probability 1 - level at most: testing many costs nothing (fixed-sequence testing, Maurer,
/// Hothorn and Lehmacher 1995). More errors further up are no matter.
///
/// Each class is a statement of its own, so that n for a class does not depend on how many others
/// there are. Where all have to hold together, give level_for_all() as the level.
///
/// A class with fewer than m verified answers has no threshold; with less than 5/4 m there is a
/// single one to try, that which takes all its answers.
Certificate certify(std::span<const TeacherAnswer> pool, std::span<const VerifiedAnswer> verified,
                    std::size_t classes, const CertificateRules& rules = {});

/// So many verified answers of a class, none of them wrong, are the least that certify anything:
/// 149 for 2 % and 95 %. The price of labels has to count them.
std::uint64_t least_verified(const CertificateRules& rules = {});

/// How many of n verified answers, `least` at least, the strictest threshold is expected to leave:
/// a quarter, but no less than 5/4 `least`, as fewer than expected may come, and no more than 2
/// `least`, which bear an error; n where there are fewer.
std::uint64_t first_expected(std::uint64_t n, std::uint64_t least);

/// The level of each of `classes` statements, 1 at least, with which all hold together with
/// `level`: 1 - (1 - level) / classes (Bonferroni).
double level_for_all(double level, std::size_t classes);

}  // namespace evaluation
