#include "tests/unit/training/cases/cases.hpp"

namespace training::cases {
namespace {

void add_reordering(Cases& cases)
{
    cases.push_back(Case{"Reshape", "a size of -1"}.floats({2, 3, 4}).fixed({2}, {4, -1}).made());
    cases.push_back(
        Case{"Reshape", "a size of 0 is copied"}.floats({2, 3, 4}).fixed({3}, {0, -1, 2}).made());
    cases.push_back(Case{"Reshape", "to a single number"}.floats({1, 1}).fixed({0}, {}).made());
    cases.push_back(Case{"Transpose", "turned round"}.floats({2, 3, 4}).made());
    cases.push_back(Case{"Transpose", "perm"}.floats({2, 3, 4}).set("perm", Ints{1, 0, 2}).made());
    cases.push_back(
        Case{"Squeeze", "axes as an input"}.floats({1, 3, 1, 4}).fixed({1}, {-2}).made());
    cases.push_back(Case{"Squeeze", "axes as an attribute"}
                        .opset(11)
                        .floats({1, 3, 1, 4})
                        .set("axes", Ints{0, 2})
                        .made());
    cases.push_back(Case{"Squeeze", "every axis of size 1"}.floats({1, 3, 1, 4}).made());
    cases.push_back(
        Case{"Unsqueeze", "axes as an input"}.floats({3, 4}).fixed({2}, {0, -1}).made());
    cases.push_back(Case{"Unsqueeze", "axes as an attribute"}
                        .opset(11)
                        .floats({3, 4})
                        .set("axes", Ints{1, 2})
                        .made());
    cases.push_back(Case{"Flatten", "as it comes"}.floats({2, 3, 4}).made());
    cases.push_back(Case{"Flatten", "axis 0"}.floats({2, 3, 4}).set("axis", 0).made());
    cases.push_back(
        Case{"Flatten", "an axis from the end"}.floats({2, 3, 4}).set("axis", -1).made());
    cases.push_back(
        Case{"Expand", "to more dimensions"}.floats({3, 1}).fixed({3}, {2, 1, 4}).made());
    cases.push_back(
        Case{"Expand", "a shape that is smaller"}.floats({3, 4}).fixed({1}, {1}).made());
    cases.push_back(Case{"Tile", "two dimensions"}.floats({2, 3}).fixed({2}, {2, 3}).made());
    cases.push_back(Case{"DepthToSpace", "DCR"}.floats({1, 8, 2, 3}).set("blocksize", 2).made());
    cases.push_back(Case{"DepthToSpace", "CRD"}
                        .floats({1, 8, 2, 3})
                        .set("blocksize", 2)
                        .set("mode", "CRD")
                        .made());
    cases.push_back(
        Case{"SpaceToDepth", "as it comes"}.floats({1, 2, 4, 6}).set("blocksize", 2).made());
}

void add_making(Cases& cases)
{
    cases.push_back(Case{"Shape", "all of it"}.floats({2, 3, 4}).made());
    cases.push_back(
        Case{"Shape", "start and end"}.floats({2, 3, 4}).set("start", 1).set("end", -1).made());
    cases.push_back(Case{"Size", "floats"}.floats({2, 3, 4}).made());
    cases.push_back(Case{"Constant", "a tensor"}
                        .tensor("value", tensor_of(DataType::FP32, {2}, {1.5, -2}))
                        .made());
    cases.push_back(Case{"Constant", "value_float"}.set("value_float", 0.5).made());
    cases.push_back(Case{"Constant", "value_ints"}.set("value_ints", Ints{3, 1, 2}).made());
    cases.push_back(Case{"ConstantOfShape", "zeros"}.fixed({2}, {2, 3}).made());
    cases.push_back(Case{"ConstantOfShape", "a whole number"}
                        .fixed({2}, {2, 3})
                        .tensor("value", tensor_of(DataType::INT64, {1}, {7}))
                        .made());
    cases.push_back(Case{"Range", "floats"}
                        .fixed_floats({}, {1.0F})
                        .fixed_floats({}, {3.0F})
                        .fixed_floats({}, {0.4F})
                        .made());
    cases.push_back(
        Case{"Range", "backwards"}.fixed({}, {10}).fixed({}, {3}).fixed({}, {-2}).made());
    cases.push_back(Case{"EyeLike", "as it comes"}.floats({3, 4}).made());
    cases.push_back(
        Case{"EyeLike", "dtype and k"}.floats({3, 4}).set("dtype", 7).set("k", -1).made());
    cases.push_back(Case{"Trilu", "upper"}.floats({2, 3, 4}).made());
    cases.push_back(
        Case{"Trilu", "lower, moved"}.floats({3, 4}).fixed({}, {1}).set("upper", 0).made());
    cases.push_back(Case{"OneHot", "the last axis"}
                        .ints({3}, {0, 2, -1})
                        .fixed({}, {3})
                        .fixed_floats({2}, {-1, 4})
                        .made());
    cases.push_back(Case{"OneHot", "another axis, one outside"}
                        .ints({2, 2}, {0, 2, 1, 9})
                        .fixed({}, {3})
                        .fixed_floats({2}, {0, 1})
                        .set("axis", 1)
                        .made());
}

void add_types(Cases& cases)
{
    cases.push_back(Case{"Cast", "floats to whole numbers"}
                        .values({4}, {1.7F, -1.7F, 0.2F, 9.0F})
                        .set("to", 7)
                        .made());
    cases.push_back(
        Case{"Cast", "whole numbers to floats"}.ints({3}, {1, -2, 3}).set("to", 1).made());
    cases.push_back(
        Case{"Cast", "floats to booleans"}.values({3}, {0, 2.5F, -1}).set("to", 9).made());
    cases.push_back(
        Case{"Cast", "floats to halves"}.floats({5}, -3, 3).set("to", 10).no_gradient().made());
    cases.push_back(Case{"Cast", "floats to doubles"}.floats({5}).set("to", 11).made());
    cases.push_back(Case{"CastLike", "to whole numbers"}
                        .values({3}, {1.7F, -1.7F, 4.0F})
                        .ints({1}, {0})
                        .made());
}

}  // namespace

void add_shapes(Cases& cases)
{
    add_reordering(cases);
    add_making(cases);
    add_types(cases);
}

}  // namespace training::cases
