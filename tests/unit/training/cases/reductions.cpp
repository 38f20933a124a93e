#include "tests/unit/training/cases/cases.hpp"

namespace training::cases {

void add_reductions(Cases& cases)
{
    for (const auto* op : {"ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1",
                           "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare"}) {
        cases.push_back(Case{op, "everything"}.floats({2, 3, 2}, 0.3, 2).made());
        cases.push_back(Case{op, "two axes, dropped"}
                            .floats({2, 3, 4}, 0.3, 2)
                            .set("axes", Ints{0, -1})
                            .set("keepdims", 0)
                            .made());
    }
    for (const auto* op : {"ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceSumSquare"})
        cases.push_back(Case{op, "whole numbers"}
                            .typed(DataType::INT32, {2, 3}, {1, -2, 3, 4, 5, -6})
                            .set("axes", Ints{1})
                            .made());
    cases.push_back(Case{"ReduceSum", "axes as an input"}.floats({2, 3, 4}).fixed({1}, {1}).made());
    cases.push_back(Case{"ReduceSum", "axes as an attribute"}
                        .opset(11)
                        .floats({2, 3, 4})
                        .set("axes", Ints{-2})
                        .set("keepdims", 0)
                        .made());
    cases.push_back(Case{"ReduceSum", "no axes"}.floats({2, 3}).made());
    cases.push_back(Case{"ReduceSum", "no axes means nothing"}
                        .floats({2, 3})
                        .fixed({0}, {})
                        .set("noop_with_empty_axes", 1)
                        .made());
    cases.push_back(
        Case{"ReduceSum", "whole numbers"}.ints({2, 3}, {1, 2, 3, 4, 5, 6}).fixed({1}, {0}).made());
    for (const auto* op : {"ArgMax", "ArgMin"}) {
        cases.push_back(Case{op, "the first axis"}.floats({3, 4}).made());
        cases.push_back(
            Case{op, "dropped"}.floats({2, 3, 4}).set("axis", -1).set("keepdims", 0).made());
        cases.push_back(Case{op, "the first of equals"}
                            .values({2, 3}, {1, 1, 1, 2, 5, 5})
                            .set("axis", 1)
                            .made());
        cases.push_back(Case{op, "the last of equals"}
                            .values({2, 3}, {1, 1, 1, 2, 5, 5})
                            .set("axis", 1)
                            .set("select_last_index", 1)
                            .made());
    }
    cases.push_back(Case{"TopK", "the largest"}.floats({3, 5}).fixed({1}, {2}).outputs(2).made());
    cases.push_back(Case{"TopK", "the smallest, another axis"}
                        .floats({4, 3})
                        .fixed({1}, {2})
                        .set("axis", 0)
                        .set("largest", 0)
                        .outputs(2)
                        .made());
    cases.push_back(Case{"TopK", "equals keep their order"}
                        .values({5}, {2, 3, 3, 1, 3})
                        .fixed({1}, {4})
                        .outputs(2)
                        .no_gradient()
                        .made());
    cases.push_back(Case{"CumSum", "as it comes"}.floats({2, 4}).fixed({}, {1}).made());
    cases.push_back(Case{"CumSum", "exclusive of what is far larger"}
                        .values({3}, {1, 1e20F, 2})
                        .fixed({}, {0})
                        .set("exclusive", 1)
                        .no_gradient()
                        .made());
    cases.push_back(
        Case{"CumSum", "exclusive"}.floats({2, 4}).fixed({}, {-1}).set("exclusive", 1).made());
    cases.push_back(
        Case{"CumSum", "reverse"}.floats({2, 4}).fixed({}, {1}).set("reverse", 1).made());
    cases.push_back(Case{"CumSum", "exclusive and reverse"}
                        .floats({2, 4})
                        .fixed({}, {0})
                        .set("exclusive", 1)
                        .set("reverse", 1)
                        .made());
    cases.push_back(Case{"NonZero", "floats"}
                        .values({2, 3}, {1, 0, 2, 0, 0, 3})
                        .gives(DataType::INT64, 2)
                        .made());
}

}  // namespace training::cases
