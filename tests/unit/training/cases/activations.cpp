#include "tests/unit/training/cases/cases.hpp"

namespace training::cases {

void add_activations(Cases& cases)
{
    for (const auto* op :
         {"Relu", "LeakyRelu", "Elu", "Selu", "Celu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh",
          "Softplus", "Softsign", "ThresholdedRelu", "Shrink"})
        cases.push_back(Case{op, "as it comes"}.floats({2, 3, 4}, -4, 4).made());
    cases.push_back(Case{"LeakyRelu", "alpha"}.floats({6}, -3, 3).set("alpha", 0.3).made());
    cases.push_back(Case{"Elu", "alpha"}.floats({6}, -3, 3).set("alpha", 2.0).made());
    cases.push_back(Case{"Selu", "alpha and gamma"}
                        .floats({6}, -3, 3)
                        .set("alpha", 2.0)
                        .set("gamma", 3.0)
                        .made());
    cases.push_back(Case{"Celu", "alpha"}.floats({6}, -3, 3).set("alpha", 2.0).made());
    cases.push_back(Case{"HardSigmoid", "alpha and beta"}
                        .floats({6}, -3, 3)
                        .set("alpha", 0.4)
                        .set("beta", 0.3)
                        .made());
    cases.push_back(Case{"ThresholdedRelu", "alpha"}.floats({6}, -3, 3).set("alpha", 0.5).made());
    cases.push_back(Case{"Shrink", "lambd and bias"}
                        .floats({6}, -3, 3)
                        .set("lambd", 1.5)
                        .set("bias", 1.0)
                        .made());
    cases.push_back(
        Case{"PRelu", "a slope for each channel"}.floats({2, 3, 4}, -2, 2).floats({3, 1}).made());
    cases.push_back(Case{"PRelu", "one slope"}.floats({2, 3}, -2, 2).floats({1}).made());
    for (const auto* op : {"Softmax", "LogSoftmax", "Hardmax"}) {
        cases.push_back(Case{op, "the last axis"}.floats({2, 3, 4}, -3, 3).made());
        cases.push_back(Case{op, "another axis"}.floats({2, 3, 4}, -3, 3).set("axis", 1).made());
        cases.push_back(
            Case{op, "flattened, before version 13"}.opset(11).floats({2, 3, 4}, -3, 3).made());
        cases.push_back(Case{op, "flattened from axis 2 on"}
                            .opset(11)
                            .floats({2, 3, 4}, -3, 3)
                            .set("axis", 2)
                            .made());
    }
    cases.push_back(Case{"Dropout", "as in inference"}.floats({2, 3}).made());
    cases.push_back(Case{"Dropout", "with its mask"}.floats({2, 3}).outputs(2).made());
}

}  // namespace training::cases
