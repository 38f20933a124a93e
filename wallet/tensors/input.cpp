#include "wallet/tensors/input.hpp"

#include "inference/protocol/infer_request.hpp"
#include "ledger/codec/json.hpp"
#include "samples/array_file.hpp"
#include "samples/picture_pixels.hpp"
#include "wallet/tensors/shape.hpp"

namespace wallet {
namespace {

using inference::Tensor;
using inference::TensorSpec;
using ledger::ByteView;
using ledger::invalid;
using ledger::Result;
using nlohmann::json;

constexpr std::size_t json_bytes = 64 << 20;

Result<const TensorSpec*> input_of(const inference::ModelIo& io, const std::string& name)
{
    if (!name.empty()) {
        if (const auto* spec = io.input(name)) return spec;
        return invalid("the model has no input named " + name);
    }
    if (io.inputs.size() != 1)
        return invalid("the model has " + std::to_string(io.inputs.size()) +
                       " inputs: say which with --input-name, or give JSON");
    return &io.inputs.front();
}

/// Adds the elements of nested lists to `flat` and their sizes to `shape`; false where lists side
/// by side are not of the same length and depth.
bool flatten(const json& value, json& flat, std::vector<std::int64_t>& shape, std::size_t depth)
{
    if (!value.is_array()) {
        flat.push_back(value);
        return depth == shape.size();
    }
    const auto size = static_cast<std::int64_t>(value.size());
    if (shape.size() == depth) {
        if (!flat.empty()) return false;
        shape.push_back(size);
    }
    if (shape[depth] != size) return false;
    for (const auto& item : value)
        if (!flatten(item, flat, shape, depth + 1)) return false;
    return true;
}

Result<json> tensor_json(const TensorSpec& spec, const json& data)
{
    json flat = json::array();
    std::vector<std::int64_t> shape;
    if (!flatten(data, flat, shape, 0))
        return invalid("the lists for the input " + spec.name +
                       " are not all of the same length and depth");
    auto fitted = shape_for(shape, spec);
    if (!fitted) return invalid("input " + fitted.error().detail);
    json made{{"name", spec.name},
              {"datatype", inference::name_of(spec.datatype)},
              {"shape", std::move(*fitted)},
              {"data", std::move(flat)}};
    // JSON would take the result itself for a value.
    return {boost::system::in_place_value, std::move(made)};
}

Result<std::vector<Tensor>> tensors_from_json(ByteView file, const inference::ModelIo& io,
                                              const InputOptions& options)
{
    auto given = ledger::codec::parse_json(ledger::as_text(file), {json_bytes, 32});
    if (!given)
        return invalid("the input is no PNG, JPEG or npy, and as JSON: " + given.error().detail);
    json request;
    if (given->is_object() && given->contains("inputs")) {
        request = std::move(*given);
    } else if (given->is_object()) {
        request["inputs"] = json::array();
        for (const auto& [name, data] : given->items()) {
            const auto* spec = io.input(name);
            if (!spec) return invalid("the model has no input named " + name);
            auto tensor = tensor_json(*spec, data);
            if (!tensor) return tensor.error();
            request["inputs"].push_back(std::move(*tensor));
        }
    } else {
        const auto spec = input_of(io, options.name);
        if (!spec) return spec.error();
        auto tensor = tensor_json(**spec, *given);
        if (!tensor) return tensor.error();
        request["inputs"] = json::array({std::move(*tensor)});
    }
    const auto body = request.dump();
    auto parsed = inference::parse_infer_request(ledger::as_bytes(body), {}, io);
    if (!parsed) return invalid(parsed.error().message);
    return std::move(parsed->inputs);
}

}  // namespace

Result<Tensor> tensor_from_picture(ByteView file, const TensorSpec& spec, bool invert)
{
    const auto layout = samples::picture_layout(spec.shape);
    const auto type = spec.datatype;
    if (!layout || !samples::takes_pictures(type))
        return invalid("the input " + spec.name + " is " + std::string{inference::name_of(type)} +
                       " " + inference::to_text(spec.shape) +
                       ", which is no picture; give npy or JSON");
    const auto channels = static_cast<std::size_t>(layout->channels);
    const auto read = samples::read_picture(file, channels);
    if (!read) return read.error();
    const auto side = [](std::int64_t wanted, std::size_t own) {
        return wanted > 0 ? static_cast<std::size_t>(wanted) : own;
    };
    const auto picture = samples::scaled(*read, side(layout->width, read->width),
                                         side(layout->height, read->height));
    samples::Normalise options;
    options.invert = invert;
    const auto normalise = samples::Normaliser::make(options, spec, layout, 1);
    if (!normalise) return normalise.error();

    Tensor tensor{spec.name, type, spec.shape, {}};
    tensor.data.resize(picture.values.size() * inference::size_of(type));
    samples::put_picture(picture, layout->channels_last, type, *normalise, tensor.data);
    // What the model leaves open is one item and the picture's sides.
    const bool batched = tensor.shape.size() == 4 || tensor.shape.size() == 2 ||
                         (tensor.shape.size() == 3 && tensor.shape[0] == -1);
    if (batched && tensor.shape[0] == -1) tensor.shape[0] = 1;
    const auto height_at = tensor.shape.size() - (layout->channels_last ? 3 : 2);
    if (tensor.shape.size() > 2) {
        tensor.shape[height_at] = static_cast<std::int64_t>(picture.height);
        tensor.shape[height_at + 1] = static_cast<std::int64_t>(picture.width);
    }
    if (const auto fault = inference::fault_of(tensor, spec)) return invalid(*fault);
    return tensor;
}

Result<std::vector<Tensor>> tensors_from(ByteView file, const inference::ModelIo& io,
                                         const InputOptions& options)
{
    const bool picture = samples::looks_like_png(file) || samples::looks_like_jpeg(file);
    const bool npy = samples::looks_like_npy(file);
    if (!picture && !npy) return tensors_from_json(file, io, options);
    const auto spec = input_of(io, options.name);
    if (!spec) return spec.error();
    auto tensor =
        picture ? tensor_from_picture(file, **spec, options.invert) : tensor_from_npy(file, **spec);
    if (!tensor) return tensor.error();
    std::vector<Tensor> tensors;
    tensors.push_back(std::move(*tensor));
    if (const auto fault = inference::fault_of(tensors, io)) return invalid(*fault);
    return tensors;
}

}  // namespace wallet
