#include "inference/protocol/client.hpp"
#include "inference/protocol/json_reader.hpp"

#include <algorithm>

namespace inference {
namespace {

std::vector<std::int64_t> read_open_shape(json::value value, const ProtocolLimits& limits)
{
    std::vector<std::int64_t> shape;
    for (json::value item : value.get_array()) {
        if (shape.size() == limits.dimensions) fail("a tensor has too many dimensions");
        const std::int64_t size = item.get_int64();
        if (size < -1) fail("a tensor has a negative size");
        shape.push_back(size);
    }
    return shape;
}

TensorSpec read_spec(json::object object, const ProtocolLimits& limits)
{
    TensorSpec spec;
    std::optional<DataType> type;
    bool shaped = false;
    for (auto field : object) {
        const std::string_view key = field.unescaped_key();
        json::value value = field.value();
        if (key == "name")
            spec.name = read_text(value, limits.name_bytes, "'name'");
        else if (key == "datatype")
            type = datatype_named(read_text(value, limits.name_bytes, "'datatype'"));
        else if (key == "shape") {
            spec.shape = read_open_shape(value, limits);
            shaped = true;
        } else
            read_past(value, limits.depth);
    }
    if (spec.name.empty() || !type || !shaped)
        fail("a tensor has no name, no shape or no datatype of the protocol");
    spec.datatype = *type;
    return spec;
}

std::vector<TensorSpec> read_specs(json::value value, std::size_t most,
                                   const ProtocolLimits& limits)
{
    std::vector<TensorSpec> specs;
    for (json::value item : value.get_array()) {
        if (specs.size() == most) fail("the model has too many tensors");
        auto spec = read_spec(item.get_object(), limits);
        if (std::ranges::find(specs, spec.name, &TensorSpec::name) != specs.end())
            fail("two tensors have one name");
        specs.push_back(std::move(spec));
    }
    return specs;
}

}  // namespace

Result<ModelIo, ProtocolError> parse_model_metadata(ByteView body, const ProtocolLimits& limits)
{
    if (body.size() > limits.json_bytes) return ProtocolError{413, "the answer is too large"};
    ModelIo io;
    bool inputs = false;
    bool outputs = false;
    const auto error = with_json(body, [&](json::object root) {
        for (auto field : root) {
            const std::string_view key = field.unescaped_key();
            json::value value = field.value();
            if (key == "inputs") {
                io.inputs = read_specs(value, limits.inputs, limits);
                inputs = true;
            } else if (key == "outputs") {
                io.outputs = read_specs(value, limits.outputs, limits);
                outputs = true;
            } else {
                read_past(value, limits.depth);
            }
        }
    });
    if (error) return *error;
    if (!inputs || !outputs) return ProtocolError{400, "inputs or outputs are missing"};
    return io;
}

std::string parse_error(ByteView body)
{
    constexpr std::size_t longest = 300;
    if (body.size() > 64 * 1024) return {};
    std::string message;
    const auto error = with_json(body, [&](json::object root) {
        for (auto field : root) {
            const std::string_view key = field.unescaped_key();
            json::value value = field.value();
            if (key == "error" && value.type() == json::json_type::string)
                message = read_text(value, body.size(), "'error'");
            else
                read_past(value, 16);
        }
    });
    if (error) return {};
    std::ranges::replace_if(
        message, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    if (message.size() > longest) {
        auto end = longest;
        while (end != 0 && (static_cast<unsigned char>(message[end]) & 0xc0) == 0x80) --end;
        message.resize(end);
    }
    return message;
}

}  // namespace inference
