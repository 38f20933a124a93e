#include "samples/normalise.hpp"

#include <algorithm>
#include <cmath>

namespace samples {

using ledger::Result;

Result<Normaliser::Step> Normaliser::step(std::size_t numbers, const Shape& shape,
                                          const std::optional<PictureLayout>& layout)
{
    const auto all = product(shape);
    if (numbers <= 1) return Step{};
    if (layout && shape.size() >= 3 && numbers == static_cast<std::size_t>(layout->channels))
        return layout->channels_last ? Step{1, numbers} : Step{all / numbers, numbers};
    if (numbers == all) return Step{1, numbers};
    if (!shape.empty() && numbers == static_cast<std::size_t>(shape.back()))
        return Step{1, numbers};
    return ledger::invalid(std::to_string(numbers) +
                           " means or deviations are neither one for all, nor one for each "
                           "channel, column or number of a sample of shape " +
                           inference::to_text(shape));
}

Result<Normaliser> Normaliser::make(const Normalise& options, const inference::TensorSpec& sample,
                                    const std::optional<PictureLayout>& layout, double scale,
                                    double top)
{
    const auto finite = [](double value) { return std::isfinite(value); };
    Normaliser made;
    made.scale_ = options.scale.value_or(scale);
    made.invert_ = options.invert;
    made.top_ = top;
    made.mean_ = options.mean;
    made.deviation_ = options.deviation;
    if (!finite(made.scale_) || !std::ranges::all_of(made.mean_, finite))
        return ledger::invalid("scale and means are finite numbers");
    if (!std::ranges::all_of(made.deviation_,
                             [&](double value) { return finite(value) && value > 0; }))
        return ledger::invalid("a deviation is a finite number above 0");
    const auto mean_step = step(made.mean_.size(), sample.shape, layout);
    if (!mean_step) return mean_step.error();
    const auto deviation_step = step(made.deviation_.size(), sample.shape, layout);
    if (!deviation_step) return deviation_step.error();
    made.mean_step_ = *mean_step;
    made.deviation_step_ = *deviation_step;
    return made;
}

}  // namespace samples
