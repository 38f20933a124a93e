#include "training/operators/families.hpp"

#include <ATen/ATen.h>

namespace training::families {
namespace {

// Counts negative indices from the end and refuses those outside.
at::Tensor checked_indices(const at::Tensor& indices, std::int64_t size)
{
    const auto wide = indices.to(at::kLong);
    const auto counted = at::where(at::lt(wide, 0), wide + size, wide);
    const auto outside = at::logical_or(at::lt(counted, 0), at::ge(counted, size));
    require(!outside.any().item<bool>(),
            "an index outside of a dimension of " + std::to_string(size));
    return counted;
}

Outputs gather(const Call& call)
{
    const auto& x = call.in(0);
    const auto axis = axis_of(call.integer("axis", 0), x.dim());
    const auto indices = checked_indices(call.in(1), x.size(axis));
    auto sizes = sizes_of(x);
    sizes.erase(sizes.begin() + axis);
    sizes.insert(sizes.begin() + axis, indices.sizes().begin(), indices.sizes().end());
    return one(at::index_select(x, axis, indices.flatten()).reshape(sizes));
}

Outputs gather_elements(const Call& call)
{
    const auto& x = call.in(0);
    const auto axis = axis_of(call.integer("axis", 0), x.dim());
    return one(at::gather(x, axis, checked_indices(call.in(1), x.size(axis))));
}

// The last dimension of `indices` names a place in the dimensions of `x` from `batch` on: where
// that is when those dimensions are one. `inner` becomes how many there are.
at::Tensor flat_places(const at::Tensor& x, const at::Tensor& indices, std::int64_t batch,
                       std::int64_t& named)
{
    require(indices.dim() >= 1, "indices without a dimension");
    const auto depth = indices.size(-1);
    require(depth >= 1 && batch + depth <= x.dim(), "indices name too many dimensions");
    auto places = at::zeros({}, at::kLong);
    for (std::int64_t i = 0; i < depth; ++i) {
        const auto size = x.size(batch + i);
        places = places * size + checked_indices(indices.select(-1, i), size);
    }
    named = product_of(
        x.sizes().slice(static_cast<std::size_t>(batch), static_cast<std::size_t>(depth)));
    return places;
}

Outputs gather_nd(const Call& call)
{
    const auto& x = call.in(0);
    const auto& indices = call.in(1);
    const auto batch = call.integer("batch_dims", 0);
    require(batch >= 0 && batch < indices.dim() && batch < x.dim(), "batch_dims is too large");
    std::int64_t named = 1;
    auto places = flat_places(x, indices, batch, named);
    for (std::int64_t i = 0; i < batch; ++i)
        require(x.size(i) == indices.size(i), "data and indices differ in their batches");
    const auto batches = product_of(x.sizes().slice(0, static_cast<std::size_t>(batch)));
    Sizes sizes = sizes_of(places);
    const auto depth = indices.size(-1);
    sizes.insert(sizes.end(), x.sizes().begin() + batch + depth, x.sizes().end());
    places = places.reshape({batches, batches == 0 ? 0 : places.numel() / batches});
    places = places + at::arange(batches, at::kLong).unsqueeze(1) * named;
    const auto inner = product_of(x.sizes().slice(static_cast<std::size_t>(batch + depth)));
    const auto flat = x.reshape({batches * named, inner});
    return one(at::index_select(flat, 0, places.flatten()).reshape(sizes));
}

at::Tensor scattered(const at::Tensor& into, std::int64_t axis, const at::Tensor& places,
                     const at::Tensor& updates, const std::string& how)
{
    if (how == "none") return at::scatter(into, axis, places, updates);
    if (how == "add") return at::scatter_add(into, axis, places, updates);
    if (how == "mul") return at::scatter_reduce(into, axis, places, updates, "prod");
    unsupported("reduction " + how);
}

Outputs scatter_elements(const Call& call)
{
    const auto& x = call.in(0);
    const auto axis = axis_of(call.integer("axis", 0), x.dim());
    const auto places = checked_indices(call.in(1), x.size(axis));
    require(places.sizes() == call.in(2).sizes(), "indices and updates have other shapes");
    return one(scattered(x, axis, places, call.in(2), call.text("reduction", "none")));
}

Outputs scatter_nd(const Call& call)
{
    const auto& x = call.in(0);
    std::int64_t named = 1;
    const auto places = flat_places(x, call.in(1), 0, named).flatten();
    const auto inner = product_of(x.sizes().slice(static_cast<std::size_t>(call.in(1).size(-1))));
    const auto updates = call.in(2).reshape({places.numel(), inner});
    const auto flat = x.reshape({named, inner});
    const auto wide = places.unsqueeze(1).expand({places.numel(), inner});
    const auto how = call.text("reduction", "none");
    return one(scattered(flat, 0, wide, updates, how).reshape(x.sizes()));
}

Outputs compress(const Call& call)
{
    const bool flat = !call.says("axis");
    const auto x = flat ? call.in(0).flatten() : call.in(0);
    const auto axis = flat ? 0 : axis_of(call.integer("axis", 0), x.dim());
    require(call.in(1).dim() == 1 && call.in(1).size(0) <= x.size(axis),
            "a condition that is too long");
    return one(at::index_select(x, axis, at::nonzero(call.in(1)).flatten()));
}

Outputs reverse_sequence(const Call& call)
{
    const auto& x = call.in(0);
    const auto batch = call.integer("batch_axis", 1);
    const auto time = call.integer("time_axis", 0);
    require(x.dim() >= 2 && batch + time == 1 && batch * time == 0, "batch_axis and time_axis");
    const auto steps = at::arange(x.size(time), at::kLong).unsqueeze(1);
    const auto lengths = call.in(1).to(at::kLong).unsqueeze(0);
    require(lengths.dim() == 2 && lengths.size(1) == x.size(batch), "a length for each sequence");
    require(!at::gt(lengths, x.size(time)).any().item<bool>(), "a sequence longer than the input");
    auto from = at::where(at::lt(steps, lengths), lengths - 1 - steps, steps);
    if (time == 1) from = from.t();
    Sizes view(static_cast<std::size_t>(x.dim()), 1);
    view[0] = x.size(0);
    view[1] = x.size(1);
    return one(at::gather(x, time, from.reshape(view).expand(x.sizes())));
}

const Row rows_of_gathering[] = {
    {"Gather", 1, 13, Gradient::exact, gather},
    {"GatherElements", 11, 13, Gradient::exact, gather_elements},
    {"GatherND", 11, 13, Gradient::exact, gather_nd},
    {"Scatter", 9, 11, Gradient::exact, scatter_elements},
    {"ScatterElements", 11, 16, Gradient::exact, scatter_elements},
    {"ScatterND", 11, 16, Gradient::exact, scatter_nd},
    {"Compress", 9, 11, Gradient::exact, compress},
    {"ReverseSequence", 10, 10, Gradient::exact, reverse_sequence},
};

}  // namespace

std::span<const Row> gathering()
{
    return rows_of_gathering;
}

}  // namespace training::families
