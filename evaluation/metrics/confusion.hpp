#pragma once

#include "evaluation/metrics/class_answer.hpp"
#include "evaluation/statistics/measure.hpp"

#include <cstddef>
#include <vector>

namespace evaluation {

/// How often which class was taken for which. Holds 4 bytes for each pair of classes.
class ConfusionMatrix {
public:
    explicit ConfusionMatrix(std::size_t classes);
    ConfusionMatrix(std::size_t classes, std::span<const ClassAnswer> answers);

    void add(std::uint32_t label, std::uint32_t predicted);

    std::size_t classes() const { return classes_; }
    std::uint64_t total() const { return total_; }
    std::uint64_t right() const { return right_; }
    std::uint64_t at(std::size_t label, std::size_t predicted) const
    {
        return counts_[label * classes_ + predicted];
    }
    std::uint64_t labelled(std::size_t label) const { return labelled_[label]; }
    std::uint64_t predicted(std::size_t predicted) const { return predicted_[predicted]; }

private:
    std::size_t classes_;
    std::uint64_t total_ = 0, right_ = 0;
    std::vector<std::uint32_t> counts_;
    std::vector<std::uint64_t> labelled_, predicted_;
};

/// Of one class. What would be 0 / 0 is 0, with n = 0 and the interval [0, 1].
struct ClassMeasures {
    std::uint64_t support = 0;  ///< samples of the class
    Measure precision;          ///< of those predicted as the class
    Measure recall;             ///< of those of the class
    /// 2 TP / (2 TP + FP + FN). It grows with the overlap TP / (TP + FP + FN), a proportion, and
    /// has the bounds that follow from the exact ones of that.
    Measure f1;
};
ClassMeasures class_measures(const ConfusionMatrix& matrix, std::size_t of);

/// Over the classes that have samples or were predicted: the mean (macro), or weighted by support.
/// Classes that never occur do not count. The intervals are by the delta method on the shares of
/// the matrix's cells (Takahashi et al. 2022 for the macro F1); where all answers are right, or
/// none, those of the accuracy.
struct AverageMeasures {
    Measure precision, recall, f1;
};
enum class Average { macro, weighted };
AverageMeasures average_measures(const ConfusionMatrix& matrix, Average how);

/// (TP + TN) / n with exact bounds.
Measure accuracy(const ConfusionMatrix& matrix);

}  // namespace evaluation
