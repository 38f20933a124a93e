#pragma once

#include "evaluation/labelling/vote.hpp"

#include <span>
#include <vector>

namespace evaluation {

struct ConsensusRules {
    /// The share of votes, in [0, 1), that are slips: any class, each as likely. With 0, as in
    /// 1979, a vote that an annotator never gives to a class is proof against that class.
    double slips = 1e-6;
    std::size_t iterations = 100;  ///< at most
    /// The first iteration that moves no probability of an item further is the last.
    double tolerance = 1e-6;
};

struct ConsensusLimits {
    /// Of each of items, votes, and annotators times classes, times classes: what is held, and the
    /// steps of an iteration.
    std::size_t cells = std::size_t{1} << 26;
};

/// What one annotator's votes are worth.
struct AnnotatorQuality {
    std::uint64_t votes = 0;
    /// The share of these votes that is right, as far as the consensus knows, of which they are
    /// a part; 0 without votes.
    double accuracy = 0;
    /// How much of the way from guessing to always right: (accuracy - 1/classes) / (1 - 1/classes),
    /// and 0 below that. One who always lies tells much, but is paid for nothing.
    double weight = 0;
};

struct Choice {
    std::uint32_t label = 0;
    double probability = 0;
};

struct Consensus {
    Panel panel;
    std::vector<double> prior;       ///< how frequent each class is
    std::vector<double> posteriors;  ///< of each item, its classes
    std::vector<double> confusions;  ///< of each annotator, of each class, the labels it gets
    std::vector<AnnotatorQuality> annotators;
    std::size_t iterations = 0;
    bool is_settled = false;  ///< by the tolerance, before iterations ran out

    /// Sums to 1.
    std::span<const double> of_item(std::size_t item) const
    {
        return std::span{posteriors}.subspan(item * panel.classes, panel.classes);
    }
    /// The most likely class, the first of equal ones. There is a class.
    Choice best(std::size_t item) const;
    /// How likely the annotator calls what is `is` a `label`.
    double confusion(std::size_t annotator, std::size_t is, std::size_t label) const
    {
        return confusions[(annotator * panel.classes + is) * panel.classes + label];
    }
};

/// Whether consensus() takes so much.
bool fits(const Panel& panel, std::size_t votes, const ConsensusLimits& limits = {});

/// What the items are and how well each annotator knows, both by each other: maximum likelihood by
/// the EM algorithm of Dawid and Skene 1979 (Applied Statistics 28, 20). Starts, as they do, from
/// the share of votes for each class; equal shares stay equal there, where a start from a majority
/// with ties broken would make the tie-break true. A second vote of an annotator on an item counts
/// as another one.
///
/// Slips are the smoothing: an annotator calls class i a j with (1 - slips) * matrix(i, j) +
/// slips / classes, which is what `confusions` holds, and the matrix learns from the part of his
/// votes that is no slip. Pseudo-counts would draw it away from where it started, as nothing holds
/// it there: what one annotator says is explained by any matrix. So he is believed, but for classes
/// that he sees in fewer than slips / classes of the items.
///
/// Items without votes have the prior, and no part in it; without any votes that is uniform, as is
/// the row of a class that an annotator never met. The order of votes does not matter. Only sums,
/// products, quotients and powers of 2. EM finds a local optimum: annotators of whom most
/// deceive in concert win. Panel and votes fit, and votes lie within the panel.
Consensus consensus(const Panel& panel, std::span<const Vote> votes,
                    const ConsensusRules& rules = {});

}  // namespace evaluation
