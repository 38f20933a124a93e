#include "tests/unit/training/cases/cases.hpp"

namespace training::cases {

void add_gathering(Cases& cases)
{
    cases.push_back(Case{"Gather", "rows"}.floats({4, 3}).ints({2, 2}, {0, 3, -1, 1}).made());
    cases.push_back(Case{"Gather", "another axis"}
                        .floats({2, 4, 3})
                        .ints({3}, {2, 0, 2})
                        .set("axis", 1)
                        .made());
    cases.push_back(Case{"Gather", "one place"}.floats({4, 3}).ints({}, {2}).made());
    cases.push_back(Case{"GatherElements", "as it comes"}
                        .floats({3, 3})
                        .ints({2, 3}, {1, 2, 0, -1, 0, 0})
                        .made());
    cases.push_back(Case{"GatherElements", "another axis"}
                        .floats({2, 3})
                        .ints({2, 2}, {0, 2, 1, -3})
                        .set("axis", 1)
                        .made());
    cases.push_back(
        Case{"GatherND", "single numbers"}.floats({2, 3}).ints({2, 2}, {0, 1, 1, -1}).made());
    cases.push_back(
        Case{"GatherND", "slices"}.floats({2, 3, 4}).ints({2, 1, 2}, {0, 1, 1, 2}).made());
    cases.push_back(Case{"GatherND", "batch_dims"}
                        .floats({2, 3, 4})
                        .ints({2, 1}, {1, 2})
                        .set("batch_dims", 1)
                        .made());
    cases.push_back(Case{"Scatter", "as it comes"}
                        .opset(10)
                        .floats({3, 3})
                        .ints({2, 3}, {1, 0, 2, 0, 2, 1})
                        .floats({2, 3})
                        .made());
    cases.push_back(Case{"ScatterElements", "another axis"}
                        .floats({1, 5})
                        .ints({1, 2}, {1, -1})
                        .floats({1, 2})
                        .set("axis", 1)
                        .made());
    cases.push_back(Case{"ScatterElements", "added up"}
                        .floats({1, 5})
                        .ints({1, 3}, {1, 3, 1})
                        .floats({1, 3})
                        .set("axis", 1)
                        .set("reduction", "add")
                        .made());
    cases.push_back(Case{"ScatterElements", "multiplied"}
                        .floats({1, 5}, 0.5, 2)
                        .ints({1, 3}, {1, 3, 1})
                        .floats({1, 3}, 0.5, 2)
                        .set("axis", 1)
                        .set("reduction", "mul")
                        .made());
    cases.push_back(Case{"ScatterND", "single numbers"}
                        .floats({6})
                        .ints({3, 1}, {4, 0, -1})
                        .floats({3})
                        .made());
    cases.push_back(
        Case{"ScatterND", "slices"}.floats({3, 4}).ints({2, 1}, {2, 0}).floats({2, 4}).made());
    cases.push_back(Case{"ScatterND", "added up"}
                        .floats({6})
                        .ints({3, 1}, {4, 0, 4})
                        .floats({3})
                        .set("reduction", "add")
                        .made());
    cases.push_back(Case{"ScatterND", "multiplied"}
                        .floats({6}, 0.5, 2)
                        .ints({3, 1}, {4, 0, 4})
                        .floats({3}, 0.5, 2)
                        .set("reduction", "mul")
                        .made());
    cases.push_back(Case{"Compress", "an axis"}
                        .floats({3, 2})
                        .bools({3}, {0, 1, 1})
                        .set("axis", 0)
                        .gives(DataType::FP32, 2)
                        .made());
    cases.push_back(Case{"Compress", "flattened"}
                        .floats({3, 2})
                        .bools({5}, {0, 1, 0, 0, 1})
                        .gives(DataType::FP32, 1)
                        .made());
    cases.push_back(
        Case{"ReverseSequence", "time first"}.floats({4, 3}).ints({3}, {4, 2, 1}).made());
    cases.push_back(Case{"ReverseSequence", "batch first"}
                        .floats({3, 4, 2})
                        .ints({3}, {1, 3, 4})
                        .set("batch_axis", 0)
                        .set("time_axis", 1)
                        .made());
}

}  // namespace training::cases
