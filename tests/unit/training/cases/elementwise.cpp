#include "tests/unit/training/cases/cases.hpp"

#include <limits>

namespace training::cases {
namespace {

void add_unary(Cases& cases)
{
    struct Range {
        const char* op;
        double low, high;
    };
    for (const auto& [op, low, high] :
         {Range{"Abs", -2, 2},     Range{"Neg", -2, 2},      Range{"Ceil", -3, 3},
          Range{"Floor", -3, 3},   Range{"Sign", -2, 2},     Range{"Sqrt", 0.1, 4},
          Range{"Exp", -3, 3},     Range{"Log", 0.1, 5},     Range{"Reciprocal", 0.3, 3},
          Range{"Erf", -3, 3},     Range{"Sin", -4, 4},      Range{"Cos", -4, 4},
          Range{"Tan", -1.2, 1.2}, Range{"Asin", -0.9, 0.9}, Range{"Acos", -0.9, 0.9},
          Range{"Atan", -3, 3},    Range{"Sinh", -2, 2},     Range{"Cosh", -2, 2},
          Range{"Asinh", -3, 3},   Range{"Acosh", 1.2, 4},   Range{"Atanh", -0.9, 0.9},
          Range{"Identity", -1, 1}})
        cases.push_back(Case{op, "floats"}.floats({2, 3, 4}, low, high).made());
    cases.push_back(Case{"Round", "halves go to the even"}
                        .values({7}, {-2.5F, -1.5F, -0.5F, 0.5F, 1.5F, 2.5F, 0.7F})
                        .no_gradient()
                        .made());
    cases.push_back(Case{"Abs", "whole numbers"}.ints({4}, {-3, 0, 2, -9}).made());
    cases.push_back(Case{"Neg", "a single number"}.floats({}).made());
}

void add_binary(Cases& cases)
{
    for (const auto* op : {"Add", "Sub", "Mul", "Div"}) {
        cases.push_back(
            Case{op, "broadcast both ways"}.floats({2, 1, 4}).floats({3, 1}, 0.5, 2).made());
        cases.push_back(Case{op, "whole numbers"}
                            .ints({2, 3}, {7, -7, 9, -9, 5, -1})
                            .ints({3}, {2, -2, 4})
                            .made());
    }
    cases.push_back(Case{"Div", "32-bit numbers"}
                        .typed(DataType::INT32, {4}, {7, -7, 9, -9})
                        .typed(DataType::INT32, {4}, {2, 2, -4, -1})
                        .made());
    cases.push_back(Case{"Mod", "whole numbers, sign of the divisor"}
                        .ints({6}, {-4, 7, 5, 4, -7, 8})
                        .ints({6}, {2, -3, 8, -2, 3, 5})
                        .made());
    cases.push_back(Case{"Mod", "fmod of whole numbers"}
                        .ints({6}, {-4, 7, 5, 4, -7, 8})
                        .ints({6}, {2, -3, 8, -2, 3, 5})
                        .set("fmod", 1)
                        .made());
    cases.push_back(Case{"Mod", "fmod of floats"}
                        .values({4}, {-4.3F, 7.2F, 5.0F, 4.3F})
                        .values({4}, {2.1F, -3.4F, 8.0F, -2.1F})
                        .set("fmod", 1)
                        .made());
    cases.push_back(Case{"Pow", "floats"}.floats({3, 4}, 0.2, 2).floats({4}, -2, 3).made());
    cases.push_back(
        Case{"Pow", "an exponent of another type"}.floats({3}, -2, 2).ints({3}, {1, 2, 3}).made());
    cases.push_back(Case{"Pow", "whole numbers"}.ints({3}, {2, 3, -4}).ints({3}, {3, 2, 3}).made());
    cases.push_back(Case{"BitShift", "left"}
                        .typed(DataType::UINT8, {3}, {16, 4, 1})
                        .typed(DataType::UINT8, {3}, {1, 2, 7})
                        .set("direction", "LEFT")
                        .made());
    cases.push_back(Case{"BitShift", "right"}
                        .typed(DataType::UINT8, {3}, {16, 4, 200})
                        .typed(DataType::UINT8, {3}, {1, 2, 3})
                        .set("direction", "RIGHT")
                        .made());
    for (const auto* op : {"Min", "Max", "Sum", "Mean"}) {
        cases.push_back(Case{op, "three inputs that broadcast"}
                            .floats({2, 3})
                            .floats({3})
                            .floats({2, 1})
                            .made());
        cases.push_back(Case{op, "one input"}.floats({3}).made());
    }
    cases.push_back(
        Case{"Max", "whole numbers"}.ints({3}, {1, 5, -2}).ints({3}, {2, 4, -3}).made());
    cases.push_back(Case{"Clip", "both bounds"}
                        .floats({3, 4})
                        .fixed_floats({}, {-0.4F})
                        .fixed_floats({}, {0.3F})
                        .made());
    cases.push_back(
        Case{"Clip", "only a maximum"}.floats({3, 4}).left_out().fixed_floats({}, {0.1F}).made());
    cases.push_back(Case{"Clip", "bounds as attributes"}
                        .opset(10)
                        .floats({3, 4})
                        .set("min", -0.5)
                        .set("max", 0.5)
                        .made());
}

void add_comparison(Cases& cases)
{
    for (const auto* op : {"Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"}) {
        cases.push_back(Case{op, "floats that broadcast"}
                            .values({2, 3}, {1, 2, 3, 4, 5, 6})
                            .values({3}, {1, 5, 3})
                            .made());
        cases.push_back(Case{op, "whole numbers"}.ints({3}, {1, 2, 3}).ints({3}, {3, 2, 1}).made());
    }
    for (const auto* op : {"And", "Or", "Xor"})
        cases.push_back(
            Case{op, "broadcast"}.bools({2, 2}, {0, 1, 0, 1}).bools({2, 1}, {0, 1}).made());
    cases.push_back(Case{"Not", "booleans"}.bools({3}, {0, 1, 0}).made());
    const float infinite = std::numeric_limits<float>::infinity();
    const float nothing = std::numeric_limits<float>::quiet_NaN();
    cases.push_back(Case{"IsNaN", "floats"}.values({3}, {1, nothing, infinite}).made());
    cases.push_back(Case{"IsInf", "both"}.values({4}, {1, -infinite, infinite, nothing}).made());
    cases.push_back(Case{"IsInf", "only below zero"}
                        .values({4}, {1, -infinite, infinite, nothing})
                        .set("detect_positive", 0)
                        .made());
    cases.push_back(
        Case{"Where", "broadcast"}.bools({2, 1}, {0, 1}).floats({2, 3}).floats({3}).made());
}

}  // namespace

void add_elementwise(Cases& cases)
{
    add_unary(cases);
    add_binary(cases);
    add_comparison(cases);
}

}  // namespace training::cases
