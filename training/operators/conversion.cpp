#include "training/operators/families.hpp"
#include "training/operators/tensors.hpp"

#include <ATen/ATen.h>

namespace training::families {
namespace {

Outputs cast(const Call& call)
{
    return one(call.in(0).to(scalar_type_numbered(call.integer("to", 0))));
}

Outputs cast_like(const Call& call)
{
    return one(call.in(0).to(call.in(1).scalar_type()));
}

Outputs dropout(const Call& call)
{
    const auto& x = call.in(0);
    const bool learns = call.since() >= 12 && call.has(2) && call.in(2).to(at::kBool).item<bool>();
    if (learns && (!call.has(1) || call.number_in(1) != 0))
        unsupported("Dropout in training mode: its result is random");
    if (call.learns()) {
        const auto ratio = call.since() >= 12 ? (call.has(1) ? call.number_in(1) : 0.5)
                                              : call.number("ratio", 0.5);
        require(ratio >= 0 && ratio < 1, "a ratio that is not in [0, 1)");
        if (call.wants(1)) unsupported("Dropout whose mask is used, in training");
        return one(at::dropout(x, ratio, true));
    }
    if (!call.wants(1)) return one(x);
    // Up to version 7 the mask has the type of the data.
    const auto type = call.since() >= 10 ? at::kBool : x.scalar_type();
    return {x, at::ones(x.sizes(), type)};
}

const Row rows_of_conversion[] = {
    {.name = "Cast",
     .first = 6,
     .last = 13,
     .function = cast,
     .limits = "no strings, no unsigned integers above 8 bits",
     .own_types = true},
    {.name = "CastLike", .first = 15, .last = 15, .function = cast_like, .own_types = true},
    {.name = "Dropout",
     .first = 7,
     .last = 13,
     .function = dropout,
     .limits = "random only while a model is trained",
     .settings_from = 1},
};

}  // namespace

std::span<const Row> conversion()
{
    return rows_of_conversion;
}

}  // namespace training::families
