#include "tests/unit/training/cases/cases.hpp"

namespace training::cases {

void add_slicing(Cases& cases)
{
    const auto sliced = [](const char* what) { return Case{"Slice", what}.floats({5, 6}); };
    cases.push_back(sliced("the first axes").fixed({2}, {1, 0}).fixed({2}, {4, -1}).made());
    cases.push_back(sliced("axes and steps")
                        .fixed({2}, {0, 1})
                        .fixed({2}, {5, 6})
                        .fixed({2}, {-2, -1})
                        .fixed({2}, {2, 3})
                        .made());
    cases.push_back(sliced("backwards")
                        .fixed({1}, {-1})
                        .fixed({1}, {INT64_MIN})
                        .fixed({1}, {0})
                        .fixed({1}, {-1})
                        .made());
    cases.push_back(sliced("backwards from before the start")
                        .fixed({1}, {-10})
                        .fixed({1}, {-100})
                        .fixed({1}, {0})
                        .fixed({1}, {-1})
                        .made());
    cases.push_back(sliced("backwards by two")
                        .fixed({1}, {4})
                        .fixed({1}, {0})
                        .fixed({1}, {1})
                        .fixed({1}, {-2})
                        .made());
    cases.push_back(
        sliced("past the end").fixed({1}, {3}).fixed({1}, {INT64_MAX}).fixed({1}, {1}).made());
    cases.push_back(sliced("nothing is left").fixed({1}, {3}).fixed({1}, {2}).made());
    cases.push_back(Case{"Slice", "attributes"}
                        .opset(9)
                        .floats({5, 6})
                        .set("starts", Ints{1, 2})
                        .set("ends", Ints{3, 100})
                        .set("axes", Ints{0, 1})
                        .made());
    cases.push_back(Case{"Pad", "a value"}
                        .floats({2, 3})
                        .fixed({4}, {0, 2, 1, 0})
                        .fixed_floats({}, {1.5F})
                        .made());
    cases.push_back(Case{"Pad", "zeros, and less than nothing"}
                        .floats({3, 4})
                        .fixed({4}, {1, -1, 0, -1})
                        .made());
    cases.push_back(Case{"Pad", "reflect"}
                        .floats({2, 3, 4})
                        .fixed({6}, {0, 2, 1, 0, 1, 3})
                        .set("mode", "reflect")
                        .made());
    cases.push_back(
        Case{"Pad", "edge"}.floats({2, 3}).fixed({4}, {1, 2, 0, 2}).set("mode", "edge").made());
    cases.push_back(Case{"Pad", "attributes"}
                        .opset(10)
                        .floats({2, 3})
                        .set("pads", Ints{0, 1, 1, 0})
                        .set("value", 0.5)
                        .made());
    cases.push_back(Case{"Concat", "two axes"}
                        .floats({2, 3})
                        .floats({2, 1})
                        .floats({2, 2})
                        .set("axis", 1)
                        .made());
    cases.push_back(Case{"Concat", "an axis from the end"}
                        .floats({2, 3})
                        .floats({1, 3})
                        .set("axis", -2)
                        .made());
    cases.push_back(Case{"Split", "evenly"}.floats({2, 6}).set("axis", 1).outputs(3).made());
    cases.push_back(
        Case{"Split", "sizes as an input"}.floats({6, 2}).fixed({2}, {2, 4}).outputs(2).made());
    cases.push_back(Case{"Split", "sizes as an attribute"}
                        .opset(11)
                        .floats({2, 6})
                        .set("axis", -1)
                        .set("split", Ints{1, 2, 3})
                        .outputs(3)
                        .made());
}

}  // namespace training::cases
