#pragma once

#include "samples/shapes.hpp"

namespace samples {

/// What is done to each number of a sample: times `scale`, then 1 minus it where `invert` says so,
/// then minus its mean and divided by its deviation. Pictures are 0 to 1 and recordings -1 to 1
/// before.
struct Normalise {
    /// Left out: 1/255 where unsigned bytes become floats, so that pictures are read alike from
    /// whatever file; otherwise 1.
    std::optional<double> scale;
    bool invert = false;  ///< pictures only: dark ink on white paper
    /// Empty, one for all, one for each channel (or each last size), or one for each number.
    std::vector<double> mean;
    std::vector<double> deviation;
};

/// Normalise for one shape.
class Normaliser {
public:
    /// `sample` with every size known; `layout` where it is a picture. `scale` is used where the
    /// options leave it out; `top` is what is white. `invalid` where the means are of another
    /// number, or a deviation is not above 0.
    static ledger::Result<Normaliser> make(const Normalise& options,
                                           const inference::TensorSpec& sample,
                                           const std::optional<PictureLayout>& layout, double scale,
                                           double top = 1);

    /// Element `at` of a sample.
    double operator()(double value, std::size_t at) const
    {
        value *= scale_;
        if (invert_) value = top_ - value;
        if (!mean_.empty()) value -= mean_[mean_step_.place(at)];
        if (!deviation_.empty()) value /= deviation_[deviation_step_.place(at)];
        return value;
    }
    bool changes_nothing() const
    {
        return scale_ == 1 && !invert_ && mean_.empty() && deviation_.empty();
    }

private:
    struct Step {
        std::size_t inner = 1;
        std::size_t count = 1;
        std::size_t place(std::size_t at) const { return at / inner % count; }
    };
    static ledger::Result<Step> step(std::size_t numbers, const Shape& shape,
                                     const std::optional<PictureLayout>& layout);

    double scale_ = 1;
    bool invert_ = false;
    double top_ = 1;
    std::vector<double> mean_, deviation_;
    Step mean_step_, deviation_step_;
};

}  // namespace samples
