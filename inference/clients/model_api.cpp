#include "inference/clients/model_api.hpp"

#include "inference/clients/names.hpp"

#include <algorithm>

namespace inference {
namespace {

Result<void> check(const std::vector<TensorSpec>& tensors, const ClientLimits& limits)
{
    if (tensors.size() > limits.tensors) return ledger::invalid("the model has too many tensors");
    for (const auto& tensor : tensors) {
        if (tensor.name.size() > limits.name_bytes)
            return ledger::invalid("the name of a tensor is too long");
        if (!is_utf8(tensor.name)) return ledger::invalid("the name of a tensor is not UTF-8");
        if (tensor.shape.size() > limits.dimensions ||
            std::ranges::any_of(tensor.shape, [](std::int64_t size) { return size < -1; }))
            return ledger::invalid("a tensor has a shape that makes no sense");
    }
    return {};
}

}  // namespace

Result<void> check(const ModelApi& api, const ClientLimits& limits)
{
    if (api.name.empty() || api.name.size() > limits.name_bytes || !is_utf8(api.name))
        return ledger::invalid("the model's name is empty, too long or not UTF-8");
    if (api.version.size() > 10 ||
        !std::ranges::all_of(api.version, [](char c) { return c >= '0' && c <= '9'; }))
        return ledger::invalid("the model's version is not a number");
    if (api.url.size() > limits.name_bytes || !is_utf8(api.url))
        return ledger::invalid("the node's address is too long or not UTF-8");
    if (const auto good = check(api.io.inputs, limits); !good) return good;
    return check(api.io.outputs, limits);
}

std::string model_path(const ModelApi& api)
{
    auto path = "/v2/models/" + path_segment(api.name);
    if (!api.version.empty()) path += "/versions/" + api.version;
    return path;
}

NamedIo named_io(const ModelApi& api)
{
    NamedIo named;
    Identifiers types;
    const auto name_all = [&](const std::vector<TensorSpec>& specs, const char* suffix,
                              std::vector<NamedTensor>& to) {
        Identifiers members;
        for (const auto& spec : specs) {
            auto member = members.claim(spec.name);
            auto type = types.claim_type(member, suffix);
            to.push_back({spec, std::move(member), std::move(type)});
        }
    };
    name_all(api.io.inputs, "Input", named.inputs);
    name_all(api.io.outputs, "Output", named.outputs);
    return named;
}

}  // namespace inference
