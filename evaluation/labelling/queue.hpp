#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// Which items people should label first: those of which teachers are unsure or at odds, and which
/// are unlike each other.
namespace evaluation {

/// What is known of items without a label, in their order.
struct Unlabelled {
    std::size_t items = 0;
    std::size_t teachers = 0;
    std::size_t classes = 0;
    std::size_t width = 0;  ///< numbers of a feature vector; 0: nothing is known of likeness
    /// Of each item, of each teacher, of each class: probabilities (are_probabilities()).
    std::span<const double> probabilities;
    std::span<const float> features = {};  ///< of each item `width`, finite
    std::span<const float> labelled = {};  ///< features of others, which people labelled before
};

struct QueueLimits {
    std::size_t numbers = std::size_t{1} << 28;  ///< probabilities; features
    std::size_t steps = std::size_t{1} << 36;    ///< items * (count + labelled) * width
};

/// Whether ask_first() takes so much.
bool fits(const Unlabelled& of, std::size_t count, const QueueLimits& limits = {});

/// For each item 1 - margin + disagreement, from 0 (all teachers are certain of one class) to 2.
/// The margin is what the greatest of the probabilities, averaged over teachers, is above the
/// second (Scheffer, Decomain and Wrobel 2001); it is 1 for a single class.
/// Disagreement is the mean squared distance of a teacher's probabilities from that average, as a
/// share of the most possible, 1 - 1 / min(teachers, classes): Jensen's difference of quadratic
/// entropies (Rao 1982), what the Jensen-Shannon divergence is of logarithmic ones, which machines
/// round otherwise. 0 for a single teacher. Without teachers or classes all is 0.
std::vector<double> doubts(const Unlabelled& of);

/// `count` items in the order in which to ask, all of them where there are fewer. The most doubtful
/// comes first; then always the one whose doubt times its Euclidean distance to the nearest already
/// chosen or labelled is greatest; then the more doubtful; then the first. So what is like one
/// already chosen waits, and what is certain waits longer. Where all are as doubtful it is the
/// greedy k-centre of Gonzalez 1985, which covers them within twice the least radius; Sener and
/// Savarese 2018 use that for the same end. Without features doubt alone decides. Takes items *
/// (count + labelled) * width steps.
std::vector<std::size_t> ask_first(const Unlabelled& of, std::size_t count);

}  // namespace evaluation
