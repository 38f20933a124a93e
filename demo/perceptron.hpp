#pragma once

#include "demo/glyphs.hpp"

#include <functional>
#include <vector>

namespace demo {

inline constexpr int hidden_units = 128;
inline constexpr int classes = 10;

struct Sample {
    Image image;
    int digit;
};

/// 784 -> 128 (ReLU) -> 10 (softmax). Weights row by row, from input to output: w[input][output].
struct Perceptron {
    std::vector<float> w1, b1, w2, b2;

    /// Random weights of the size He et al. (2015) give for ReLU.
    explicit Perceptron(Random& random);
    std::array<float, classes> probabilities(const Image& image) const;
    int answer(const Image& image) const;
};

struct Training {
    int epochs = 5;
    int batch = 32;
    float rate = 0.08F;
    float momentum = 0.9F;
};

/// Minibatch gradient descent with momentum on the cross-entropy; the rate falls to a tenth by a
/// cosine. `progress` hears the epoch (from 1) and its mean loss.
void train(Perceptron& net, std::vector<Sample>& samples, const Training& training, Random& random,
           const std::function<void(int, float)>& progress);

/// Share of `samples` that the net names rightly.
double accuracy(const Perceptron& net, const std::vector<Sample>& samples);

}  // namespace demo
