#include "demo/perceptron.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace demo {
namespace {

using Hidden = std::array<float, hidden_units>;
using Scores = std::array<float, classes>;

std::vector<float> initial(Random& random, int inputs, int outputs)
{
    std::vector<float> weights(static_cast<std::size_t>(inputs * outputs));
    const auto most = std::sqrt(6.0F / static_cast<float>(inputs));
    for (auto& weight : weights) weight = random.between(-most, most);
    return weights;
}

Hidden hidden_of(const Perceptron& net, const Image& image)
{
    Hidden hidden;
    std::ranges::copy(net.b1, hidden.begin());
    for (std::size_t i = 0; i < image.size(); ++i) {
        if (image[i] == 0) continue;  // most of a page is paper
        const auto* row = &net.w1[i * hidden_units];
        for (std::size_t j = 0; j < hidden_units; ++j) hidden[j] += image[i] * row[j];
    }
    for (auto& unit : hidden) unit = std::max(unit, 0.0F);
    return hidden;
}

Scores softmax_of(const Perceptron& net, const Hidden& hidden)
{
    Scores scores;
    std::ranges::copy(net.b2, scores.begin());
    for (std::size_t j = 0; j < hidden_units; ++j)
        for (std::size_t k = 0; k < classes; ++k) scores[k] += hidden[j] * net.w2[j * classes + k];
    const auto most = std::ranges::max(scores);
    float sum = 0;
    for (auto& score : scores) sum += score = std::exp(score - most);
    for (auto& score : scores) score /= sum;
    return scores;
}

/// The gradient of one batch, and the speed that momentum keeps, for one block of weights.
class Descent {
public:
    explicit Descent(std::vector<float>& weights)
        : weights_{weights}, gradient(weights.size()), speed_(weights.size())
    {
    }
    void step(float rate, float momentum)
    {
        for (std::size_t i = 0; i < weights_.size(); ++i) {
            speed_[i] = momentum * speed_[i] - rate * gradient[i];
            weights_[i] += speed_[i];
            gradient[i] = 0;
        }
    }

private:
    std::vector<float>& weights_;

public:
    std::vector<float> gradient;

private:
    std::vector<float> speed_;
};

}  // namespace

Perceptron::Perceptron(Random& random)
    : w1{initial(random, image_pixels, hidden_units)},
      b1(hidden_units),
      w2{initial(random, hidden_units, classes)},
      b2(classes)
{
}

std::array<float, classes> Perceptron::probabilities(const Image& image) const
{
    return softmax_of(*this, hidden_of(*this, image));
}

int Perceptron::answer(const Image& image) const
{
    const auto scores = probabilities(image);
    return static_cast<int>(std::ranges::max_element(scores) - scores.begin());
}

void train(Perceptron& net, std::vector<Sample>& samples, const Training& training, Random& random,
           const std::function<void(int, float)>& progress)
{
    Descent w1{net.w1}, b1{net.b1}, w2{net.w2}, b2{net.b2};
    const auto batch = static_cast<std::size_t>(training.batch);
    const auto steps = samples.size() / batch * static_cast<std::size_t>(training.epochs);
    std::size_t step = 0;
    for (int epoch = 1; epoch <= training.epochs; ++epoch) {
        for (auto i = samples.size(); i > 1; --i)
            std::swap(samples[i - 1], samples[random.below(static_cast<std::uint32_t>(i))]);
        double loss = 0;
        for (std::size_t start = 0; start + batch <= samples.size(); start += batch) {
            for (std::size_t s = start; s < start + batch; ++s) {
                const auto& [image, digit] = samples[s];
                const auto hidden = hidden_of(net, image);
                auto slope = softmax_of(net, hidden);
                loss -= std::log(std::max(slope[static_cast<std::size_t>(digit)], 1e-9F));
                slope[static_cast<std::size_t>(digit)] -= 1;
                Hidden back{};
                for (std::size_t j = 0; j < hidden_units; ++j) {
                    if (hidden[j] == 0) continue;
                    for (std::size_t k = 0; k < classes; ++k) {
                        w2.gradient[j * classes + k] += hidden[j] * slope[k];
                        back[j] += net.w2[j * classes + k] * slope[k];
                    }
                }
                for (std::size_t k = 0; k < classes; ++k) b2.gradient[k] += slope[k];
                for (std::size_t j = 0; j < hidden_units; ++j) b1.gradient[j] += back[j];
                for (std::size_t i = 0; i < image.size(); ++i) {
                    if (image[i] == 0) continue;
                    auto* row = &w1.gradient[i * hidden_units];
                    for (std::size_t j = 0; j < hidden_units; ++j) row[j] += image[i] * back[j];
                }
            }
            const auto done = static_cast<float>(step++) / static_cast<float>(steps);
            const auto falling = 0.1F + 0.45F * (1 + std::cos(std::numbers::pi_v<float> * done));
            const auto rate = training.rate * falling / static_cast<float>(batch);
            for (auto* block : {&w1, &b1, &w2, &b2}) block->step(rate, training.momentum);
        }
        progress(epoch, static_cast<float>(loss / static_cast<double>(samples.size())));
    }
}

double accuracy(const Perceptron& net, const std::vector<Sample>& samples)
{
    const auto right = std::ranges::count_if(
        samples, [&](const auto& sample) { return net.answer(sample.image) == sample.digit; });
    return samples.empty() ? 0 : static_cast<double>(right) / static_cast<double>(samples.size());
}

}  // namespace demo
