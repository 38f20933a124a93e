#include "tests/unit/training/cases/cases.hpp"

namespace training::cases {

void add_quantised(Cases& cases)
{
    cases.push_back(Case{"QuantizeLinear", "bytes"}
                        .floats({3, 4}, -3, 3)
                        .fixed_floats({}, {0.02F})
                        .fixed_typed(DataType::UINT8, {}, {128})
                        .made());
    cases.push_back(Case{"QuantizeLinear", "signed, each channel"}
                        .floats({2, 3, 4}, -3, 3)
                        .fixed_floats({3}, {0.02F, 0.03F, 0.01F})
                        .fixed_typed(DataType::INT8, {3}, {0, 5, -7})
                        .made());
    cases.push_back(Case{"QuantizeLinear", "halves go to the even"}
                        .values({4}, {0.5F, 1.5F, 2.5F, 300.0F})
                        .fixed_floats({}, {1})
                        .fixed_typed(DataType::UINT8, {}, {0})
                        .made());
    cases.push_back(Case{"DequantizeLinear", "bytes"}
                        .typed(DataType::UINT8, {4}, {0, 3, 128, 255})
                        .fixed_floats({}, {0.5F})
                        .fixed_typed(DataType::UINT8, {}, {128})
                        .made());
    cases.push_back(Case{"DequantizeLinear", "signed, along an axis"}
                        .typed(DataType::INT8, {2, 2}, {0, 3, -128, 127})
                        .fixed_floats({2}, {0.5F, 0.25F})
                        .fixed_typed(DataType::INT8, {2}, {1, 2})
                        .set("axis", 0)
                        .made());
    cases.push_back(Case{"DequantizeLinear", "sums"}
                        .typed(DataType::INT32, {3}, {-1000, 0, 70000})
                        .fixed_floats({}, {0.01F})
                        .made());
    cases.push_back(
        Case{"DynamicQuantizeLinear", "floats"}.floats({3, 4}, -1, 2).outputs(3).made());
    cases.push_back(Case{"MatMulInteger", "zero points"}
                        .typed(DataType::UINT8, {2, 3}, {1, 200, 3, 4, 5, 90})
                        .typed(DataType::UINT8, {3, 2}, {7, 8, 9, 250, 11, 12})
                        .fixed_typed(DataType::UINT8, {}, {12})
                        .fixed_typed(DataType::UINT8, {}, {3})
                        .made());
    cases.push_back(Case{"ConvInteger", "a zero point and pads"}
                        .typed(DataType::UINT8, {1, 1, 3, 3}, {2, 3, 4, 5, 6, 7, 8, 9, 10})
                        .typed(DataType::UINT8, {1, 1, 2, 2}, {1, 2, 3, 4})
                        .fixed_typed(DataType::UINT8, {}, {1})
                        .set("pads", Ints{1, 1, 1, 1})
                        .made());
    cases.push_back(Case{"QLinearMatMul", "bytes"}
                        .typed(DataType::UINT8, {2, 3}, {1, 200, 3, 4, 5, 90})
                        .fixed_floats({}, {0.01F})
                        .fixed_typed(DataType::UINT8, {}, {12})
                        .typed(DataType::UINT8, {3, 2}, {7, 8, 9, 250, 11, 12})
                        .fixed_floats({}, {0.02F})
                        .fixed_typed(DataType::UINT8, {}, {3})
                        .fixed_floats({}, {0.05F})
                        .fixed_typed(DataType::UINT8, {}, {100})
                        .made());
    cases.push_back(Case{"QLinearConv", "bytes"}
                        .typed(DataType::UINT8, {1, 1, 3, 3}, {20, 30, 40, 50, 60, 70, 80, 90, 100})
                        .fixed_floats({}, {0.01F})
                        .fixed_typed(DataType::UINT8, {}, {12})
                        .fixed_typed(DataType::UINT8, {2, 1, 2, 2}, {1, 2, 3, 4, 9, 8, 7, 6})
                        .fixed_floats({}, {0.02F})
                        .fixed_typed(DataType::UINT8, {}, {3})
                        .fixed_floats({}, {0.003F})
                        .fixed_typed(DataType::UINT8, {}, {100})
                        .fixed_typed(DataType::INT32, {2}, {5, -9})
                        .made());
}

const Cases& all()
{
    static const Cases made = [] {
        Cases cases;
        add_elementwise(cases);
        add_activations(cases);
        add_windows(cases);
        add_products(cases);
        add_normalisations(cases);
        add_reductions(cases);
        add_shapes(cases);
        add_gathering(cases);
        add_slicing(cases);
        add_resizing(cases);
        add_recurrent(cases);
        add_quantised(cases);
        return cases;
    }();
    return made;
}

}  // namespace training::cases
