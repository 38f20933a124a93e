#include "tests/unit/training/cases/cases.hpp"

namespace training::cases {
namespace {

// 4 steps, 2 sequences, 3 numbers in, 2 out of each cell.
Case cell(const std::string& op, const std::string& what, std::int64_t gates,
          std::int64_t directions = 1)
{
    Case made{op, what};
    made.floats({4, 2, 3}).floats({directions, gates * 2, 3}).floats({directions, gates * 2, 2});
    made.set("hidden_size", 2).outputs(op == "LSTM" ? 3 : 2);
    return made;
}

}  // namespace

void add_recurrent(Cases& cases)
{
    struct Kind {
        const char* op;
        std::int64_t gates;
    };
    for (const auto& [op, gates] : {Kind{"RNN", 1}, Kind{"GRU", 3}, Kind{"LSTM", 4}}) {
        cases.push_back(cell(op, "without a bias", gates).made());
        cases.push_back(cell(op, "reverse, with a bias", gates)
                            .floats({1, gates * 4})
                            .set("direction", "reverse")
                            .made());
        cases.push_back(cell(op, "both ways", gates, 2)
                            .floats({2, gates * 4})
                            .set("direction", "bidirectional")
                            .made());
        cases.push_back(cell(op, "lengths and a first state", gates)
                            .floats({1, gates * 4})
                            .typed(DataType::INT32, {2}, {4, 2})
                            .floats({1, 2, 2})
                            .made());
        cases.push_back(cell(op, "lengths, reverse", gates)
                            .left_out()
                            .typed(DataType::INT32, {2}, {2, 4})
                            .set("direction", "reverse")
                            .made());
        cases.push_back(cell(op, "clip", gates).set("clip", 0.3).made());
    }
    cases.push_back(cell("RNN", "another activation", 1).set("activations", Texts{"Relu"}).made());
    cases.push_back(
        cell("GRU", "linear_before_reset", 3).floats({1, 12}).set("linear_before_reset", 1).made());
    cases.push_back(cell("GRU", "other activations", 3)
                        .set("activations", Texts{"HardSigmoid", "Softsign"})
                        .set("activation_alpha", Floats{0.3F})
                        .set("activation_beta", Floats{0.4F})
                        .made());
    cases.push_back(cell("LSTM", "a first cell and peepholes", 4)
                        .floats({1, 16})
                        .left_out()
                        .floats({1, 2, 2})
                        .floats({1, 2, 2})
                        .floats({1, 6})
                        .made());
    cases.push_back(cell("LSTM", "input_forget", 4).set("input_forget", 1).made());
    cases.push_back(cell("LSTM", "other activations", 4)
                        .set("activations", Texts{"Sigmoid", "Relu", "Tanh"})
                        .made());
}

}  // namespace training::cases
