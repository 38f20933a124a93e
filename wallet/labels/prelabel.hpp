#pragma once

#include "evaluation/labelling/certificate.hpp"
#include "ledger/base/ids.hpp"
#include "wallet/labels/label_table.hpp"

#include <string>
#include <vector>

/// What becomes of items of which models have said what they are: which ones people verify, which
/// label themselves, which are for people and in what order.
namespace wallet {

struct PoolItem {
    std::string name;
    ledger::Hash hash;                  ///< SHA-256 of its bytes
    std::vector<double> probabilities;  ///< of each teacher, of each class
    std::vector<float> features;        ///< what it looks like; none where that is not known
    /// People had said what it is before the sample was drawn: the teachers may have learnt it, so
    /// it shows nothing of them.
    bool is_known = false;
    std::uint32_t predicted = 0;  ///< by all teachers together
    double confidence = 0;
};

/// Sets `predicted` and `confidence`: of the mean of the teachers' probabilities the greatest.
void judge(PoolItem& item, std::size_t classes);

/// What an input looks like in at most 64 numbers: means of equal parts of it. Empty where that is
/// not finite.
std::vector<float> features_of(std::span<const float> input);

/// Items to be verified: of each predicted class the first `each` that are not known, in an order
/// that follows from the seed and the hashes alone. So it stays the same when the pool grows, but
/// for new items, and nobody who does not know the seed can tell which they are. By class, in that
/// order.
std::vector<std::vector<std::size_t>> sample_of(const std::vector<PoolItem>& pool,
                                                std::size_t classes, std::uint64_t each,
                                                const ledger::Hash& seed);

/// Of the items of one predicted class.
struct PrelabelledClass {
    std::uint64_t said = 0;       ///< items of its sample that people labelled
    std::uint64_t automatic = 0;  ///< that label themselves
};

struct Prelabelled {
    evaluation::Certificate
        certificate;  ///< about all that are not known, verified ones among them
    std::vector<PrelabelledClass> classes;
    std::vector<std::size_t> counted;    ///< verified items that the certificate rests on
    std::vector<std::size_t> automatic;  ///< items that label themselves
    std::vector<std::size_t> queue;      ///< those for people, the most instructive first
};

/// `people` says of each item what it is, as far as people have said. A class's sample counts once
/// all of it is labelled, and not before: who may look after each label, and stop when it is well,
/// is certain of less than the certificate says. Nothing else that people labelled counts. Items
/// that people labelled are neither labelled by themselves nor in the queue; nor are those in it
/// that the sample asks for. `teachers` and `classes` fit (evaluation::fits, without features).
Prelabelled prelabel(const std::vector<PoolItem>& pool, const std::vector<Label>& people,
                     const std::vector<std::vector<std::size_t>>& sample, std::size_t teachers,
                     const evaluation::CertificateRules& rules);

}  // namespace wallet
