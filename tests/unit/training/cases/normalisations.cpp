#include "tests/unit/training/cases/cases.hpp"

namespace training::cases {

void add_normalisations(Cases& cases)
{
    const auto batch = [](const char* what, const Shape& shape) {
        return Case{"BatchNormalization", what}
            .floats(shape)
            .floats({3}, 0.5, 2)
            .floats({3})
            .floats({3})
            .floats({3}, 0.5, 2);
    };
    cases.push_back(batch("an image", {2, 3, 4, 4}).made());
    cases.push_back(batch("epsilon", {2, 3, 5}).set("epsilon", 0.01).made());
    cases.push_back(batch("a table", {4, 3}).made());
    cases.push_back(batch("version 9", {2, 3, 4, 4}).opset(11).made());
    cases.push_back(Case{"InstanceNormalization", "an image"}
                        .floats({2, 3, 4, 4})
                        .floats({3})
                        .floats({3})
                        .made());
    cases.push_back(Case{"InstanceNormalization", "epsilon"}
                        .floats({2, 3, 6})
                        .floats({3})
                        .floats({3})
                        .set("epsilon", 0.1)
                        .made());
    cases.push_back(Case{"LayerNormalization", "the last axis"}
                        .floats({2, 3, 5})
                        .floats({5})
                        .floats({5})
                        .made());
    cases.push_back(Case{"LayerNormalization", "two axes, no bias"}
                        .floats({2, 3, 5})
                        .floats({3, 5})
                        .set("axis", 1)
                        .set("epsilon", 0.01)
                        .made());
    cases.push_back(Case{"LayerNormalization", "with mean and deviation"}
                        .floats({2, 3, 5})
                        .floats({5})
                        .floats({5})
                        .outputs(3)
                        .gives(DataType::FP32, 3)
                        .gives(DataType::FP32, 3)
                        .gives(DataType::FP32, 3)
                        .made());
    cases.push_back(Case{"LRN", "as it comes"}.floats({2, 5, 3, 3}).set("size", 3).made());
    cases.push_back(Case{"LRN", "all attributes"}
                        .floats({1, 6, 2, 2})
                        .set("size", 5)
                        .set("alpha", 0.1)
                        .set("beta", 0.5)
                        .set("bias", 2.0)
                        .made());
    cases.push_back(Case{"MeanVarianceNormalization", "as it comes"}.floats({2, 3, 4, 4}).made());
    cases.push_back(Case{"LpNormalization", "p of 2"}.floats({3, 4}).made());
    cases.push_back(Case{"LpNormalization", "p of 1, another axis"}
                        .floats({3, 4})
                        .set("axis", 0)
                        .set("p", 1)
                        .made());
    for (const auto* op : {"NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"}) {
        for (const auto* how : {"none", "mean", "sum"})
            cases.push_back(Case{op, how}
                                .floats({4, 3}, -2, -0.1)
                                .ints({4}, {0, 2, 1, 1})
                                .set("reduction", how)
                                .made());
        cases.push_back(Case{op, "weights and ignore_index"}
                            .floats({2, 3, 2}, -2, -0.1)
                            .ints({2, 2}, {0, 2, 1, 1})
                            .floats({3}, 0.2, 1)
                            .set("ignore_index", 2)
                            .made());
    }
}

}  // namespace training::cases
