#include "tests/unit/training/cases/cases.hpp"

namespace training::cases {
namespace {

void add_convolutions(Cases& cases)
{
    const auto image = [](const char* what) { return Case{"Conv", what}.floats({1, 2, 6, 5}); };
    cases.push_back(image("no padding, no bias").floats({3, 2, 3, 3}).made());
    cases.push_back(image("bias, strides and pads")
                        .floats({3, 2, 3, 3})
                        .floats({3})
                        .set("strides", Ints{2, 1})
                        .set("pads", Ints{1, 1, 1, 1})
                        .made());
    cases.push_back(
        image("pads that differ").floats({3, 2, 3, 2}).set("pads", Ints{0, 1, 2, 0}).made());
    cases.push_back(image("dilations").floats({2, 2, 2, 2}).set("dilations", Ints{2, 3}).made());
    cases.push_back(image("groups").floats({4, 1, 3, 3}).floats({4}).set("group", 2).made());
    for (const auto* rule : {"SAME_UPPER", "SAME_LOWER", "VALID"})
        cases.push_back(Case{"Conv", rule}
                            .floats({1, 2, 6, 5})
                            .floats({2, 2, 3, 2})
                            .set("auto_pad", rule)
                            .set("strides", Ints{2, 2})
                            .made());
    cases.push_back(Case{"Conv", "one dimension"}
                        .floats({2, 3, 9})
                        .floats({4, 3, 3})
                        .floats({4})
                        .set("strides", Ints{2})
                        .set("pads", Ints{1, 1})
                        .made());
    cases.push_back(
        Case{"Conv", "three dimensions"}.floats({1, 1, 3, 4, 3}).floats({2, 1, 2, 2, 2}).made());
    cases.push_back(Case{"Conv", "each channel alone"}
                        .floats({1, 3, 5, 5})
                        .floats({3, 1, 3, 3})
                        .set("group", 3)
                        .set("kernel_shape", Ints{3, 3})
                        .made());

    const auto wide = [](const char* what) {
        return Case{"ConvTranspose", what}.floats({1, 2, 3, 4});
    };
    cases.push_back(wide("no padding").floats({2, 3, 3, 3}).made());
    cases.push_back(wide("strides, pads and bias")
                        .floats({2, 3, 3, 3})
                        .floats({3})
                        .set("strides", Ints{2, 2})
                        .set("pads", Ints{1, 1, 1, 1})
                        .made());
    cases.push_back(wide("pads that differ")
                        .floats({2, 3, 3, 3})
                        .floats({3})
                        .set("strides", Ints{2, 2})
                        .set("pads", Ints{1, 0, 0, 2})
                        .made());
    cases.push_back(wide("output_padding")
                        .floats({2, 3, 3, 3})
                        .floats({3})
                        .set("strides", Ints{2, 2})
                        .set("output_padding", Ints{1, 1})
                        .made());
    cases.push_back(wide("output_shape")
                        .floats({2, 3, 3, 3})
                        .set("strides", Ints{2, 2})
                        .set("output_shape", Ints{8, 9})
                        .made());
    cases.push_back(wide("dilations").floats({2, 1, 2, 2}).set("dilations", Ints{2, 2}).made());
    cases.push_back(wide("groups").floats({2, 2, 3, 3}).set("group", 2).made());
    for (const auto* rule : {"SAME_UPPER", "SAME_LOWER"})
        cases.push_back(Case{"ConvTranspose", rule}
                            .floats({1, 2, 3, 4})
                            .floats({2, 2, 3, 3})
                            .set("auto_pad", rule)
                            .set("strides", Ints{2, 2})
                            .made());
    cases.push_back(Case{"ConvTranspose", "one dimension"}
                        .floats({1, 2, 5})
                        .floats({2, 3, 3})
                        .set("strides", Ints{2})
                        .made());
}

void add_pools(Cases& cases)
{
    for (const auto* op : {"MaxPool", "AveragePool"}) {
        const auto image = [&](const char* what) { return Case{op, what}.floats({1, 2, 7, 6}); };
        cases.push_back(
            image("strides").set("kernel_shape", Ints{2, 3}).set("strides", Ints{2, 2}).made());
        cases.push_back(
            image("pads").set("kernel_shape", Ints{3, 3}).set("pads", Ints{1, 1, 1, 1}).made());
        cases.push_back(image("pads that differ")
                            .set("kernel_shape", Ints{3, 3})
                            .set("pads", Ints{0, 1, 2, 0})
                            .set("strides", Ints{2, 2})
                            .made());
        cases.push_back(image("ceil_mode")
                            .set("kernel_shape", Ints{2, 4})
                            .set("strides", Ints{2, 4})
                            .set("ceil_mode", 1)
                            .made());
        cases.push_back(image("SAME_UPPER")
                            .set("kernel_shape", Ints{3, 3})
                            .set("strides", Ints{2, 2})
                            .set("auto_pad", "SAME_UPPER")
                            .made());
        cases.push_back(image("SAME_LOWER")
                            .set("kernel_shape", Ints{2, 2})
                            .set("strides", Ints{2, 2})
                            .set("auto_pad", "SAME_LOWER")
                            .made());
        cases.push_back(Case{op, "one dimension"}
                            .floats({1, 2, 9})
                            .set("kernel_shape", Ints{3})
                            .set("strides", Ints{2})
                            .set("pads", Ints{1, 1})
                            .made());
        cases.push_back(Case{op, "three dimensions"}
                            .floats({1, 1, 4, 4, 4})
                            .set("kernel_shape", Ints{2, 2, 2})
                            .set("strides", Ints{2, 2, 2})
                            .made());
    }
    cases.push_back(Case{"MaxPool", "dilations"}
                        .floats({1, 1, 6, 6})
                        .set("kernel_shape", Ints{2, 2})
                        .set("dilations", Ints{2, 2})
                        .made());
    cases.push_back(Case{"MaxPool", "indices"}
                        .floats({2, 2, 5, 4})
                        .set("kernel_shape", Ints{2, 2})
                        .set("strides", Ints{2, 2})
                        .outputs(2)
                        .made());
    cases.push_back(Case{"MaxPool", "indices with pads"}
                        .floats({1, 2, 5, 4})
                        .set("kernel_shape", Ints{3, 3})
                        .set("pads", Ints{1, 1, 1, 1})
                        .set("strides", Ints{2, 2})
                        .outputs(2)
                        .made());
    cases.push_back(Case{"MaxPool", "indices by columns"}
                        .floats({1, 1, 5, 4})
                        .set("kernel_shape", Ints{2, 2})
                        .set("strides", Ints{2, 2})
                        .set("storage_order", 1)
                        .outputs(2)
                        .made());
    cases.push_back(Case{"MaxPool", "bytes"}
                        .typed(DataType::UINT8, {1, 1, 2, 4}, {1, 5, 3, 2, 9, 200, 4, 7})
                        .set("kernel_shape", Ints{2, 2})
                        .set("strides", Ints{2, 2})
                        .made());
    cases.push_back(Case{"AveragePool", "count_include_pad"}
                        .floats({1, 2, 5, 5})
                        .set("kernel_shape", Ints{3, 3})
                        .set("pads", Ints{1, 1, 1, 1})
                        .set("count_include_pad", 1)
                        .made());
    cases.push_back(Case{"LpPool", "p of 2"}
                        .floats({1, 2, 5, 5}, 0.1, 1)
                        .set("kernel_shape", Ints{2, 2})
                        .set("strides", Ints{2, 2})
                        .made());
    cases.push_back(Case{"LpPool", "p of 3"}
                        .floats({1, 2, 5, 5}, 0.1, 1)
                        .set("kernel_shape", Ints{3, 3})
                        .set("p", 3)
                        .made());
    for (const auto* op : {"GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"})
        cases.push_back(Case{op, "an image"}.floats({2, 3, 4, 5}, 0.1, 1).made());
    cases.push_back(Case{"GlobalAveragePool", "one dimension"}.floats({2, 3, 7}).made());
}

}  // namespace

void add_windows(Cases& cases)
{
    add_convolutions(cases);
    add_pools(cases);
}

}  // namespace training::cases
