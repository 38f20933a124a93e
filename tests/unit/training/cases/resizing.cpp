#include "tests/unit/training/cases/cases.hpp"

namespace training::cases {

void add_resizing(Cases& cases)
{
    const auto scaled = [](const std::string& what, const Floats& scales) {
        return Case{"Resize", what}.floats({1, 1, 4, 5}).left_out().fixed_floats({4}, scales);
    };
    const auto sized = [](const std::string& what, const Ints& sizes) {
        return Case{"Resize", what}.floats({1, 1, 4, 5}).left_out().left_out().fixed({4}, sizes);
    };
    cases.push_back(scaled("nearest, twice as large", {1, 1, 2, 2}).made());
    cases.push_back(scaled("nearest, smaller", {1, 1, 0.6F, 0.6F}).made());
    cases.push_back(sized("nearest, sizes", {1, 1, 7, 8}).made());
    for (const auto* rule : {"round_prefer_ceil", "floor", "ceil"})
        cases.push_back(
            sized(std::string{"nearest, "} + rule, {1, 1, 7, 8}).set("nearest_mode", rule).made());
    for (const auto* rule : {"half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"}) {
        cases.push_back(scaled(std::string{"linear, "} + rule, {1, 1, 2, 1.6F})
                            .set("mode", "linear")
                            .set("coordinate_transformation_mode", rule)
                            .made());
        cases.push_back(sized(std::string{"linear, smaller, "} + rule, {1, 1, 3, 2})
                            .set("mode", "linear")
                            .set("coordinate_transformation_mode", rule)
                            .made());
    }
    cases.push_back(scaled("cubic", {1, 1, 2, 2}).set("mode", "cubic").made());
    cases.push_back(scaled("cubic, another coefficient", {1, 1, 2, 2})
                        .set("mode", "cubic")
                        .set("cubic_coeff_a", -0.5)
                        .made());
    cases.push_back(scaled("cubic, nothing from outside", {1, 1, 2, 2})
                        .set("mode", "cubic")
                        .set("exclude_outside", 1)
                        .made());
    cases.push_back(scaled("cubic, align_corners", {1, 1, 2, 2})
                        .set("mode", "cubic")
                        .set("coordinate_transformation_mode", "align_corners")
                        .made());
    cases.push_back(Case{"Resize", "a part of the image"}
                        .floats({1, 1, 4, 4})
                        .fixed_floats({8}, {0, 0, 0.4F, 0.6F, 1, 1, 1.2F, 1.7F})
                        .left_out()
                        .fixed({4}, {1, 1, 3, 3})
                        .set("mode", "linear")
                        .set("coordinate_transformation_mode", "tf_crop_and_resize")
                        .set("extrapolation_value", 10.0)
                        .made());
    cases.push_back(Case{"Resize", "version 10"}
                        .opset(10)
                        .floats({1, 1, 4, 5})
                        .fixed_floats({4}, {1, 1, 2, 2})
                        .made());
    cases.push_back(Case{"Upsample", "linear"}
                        .opset(9)
                        .floats({1, 1, 3, 3})
                        .fixed_floats({4}, {1, 1, 2, 2})
                        .set("mode", "linear")
                        .made());
    for (const auto* mode : {"bilinear", "nearest", "bicubic"})
        cases.push_back(Case{"GridSample", mode}
                            .floats({1, 2, 4, 4})
                            .floats({1, 3, 3, 2}, -0.9, 0.9)
                            .set("mode", mode)
                            .made());
    for (const auto* pads : {"border", "reflection"})
        cases.push_back(Case{"GridSample", pads}
                            .floats({1, 2, 4, 4})
                            .floats({1, 3, 3, 2}, -1.5, 1.5)
                            .set("padding_mode", pads)
                            .set("align_corners", 1)
                            .made());
}

}  // namespace training::cases
