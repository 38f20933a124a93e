#include "inference/protocol/client.hpp"

#include "inference/protocol/json_reader.hpp"
#include "inference/protocol/json_writer.hpp"

#include <algorithm>

namespace inference {
namespace {

class ResponseReader {
public:
    ResponseReader(const ProtocolLimits& limits, std::size_t text_bytes, ByteView binary)
        : limits_{limits}, text_bytes_{text_bytes}, binary_{binary}
    {
    }

    InferResponse response;

    void read(json::object root)
    {
        for (auto field : root) {
            const std::string_view key = field.unescaped_key();
            json::value value = field.value();
            if (key == "model_name")
                response.model_name = read_text(value, limits_.name_bytes, "'model_name'");
            else if (key == "model_version")
                response.model_version = read_text(value, limits_.name_bytes, "'model_version'");
            else if (key == "id")
                response.id = read_text(value, limits_.text_bytes, "'id'");
            else if (key == "outputs")
                outputs(value);
            else
                read_past(value, limits_.depth);
        }
        if (!binary_.empty()) fail("the answer has bytes after the last tensor");
    }

private:
    void outputs(json::value value)
    {
        for (json::value item : value.get_array()) {
            if (response.outputs.size() == limits_.outputs) fail("too many outputs");
            output(item.get_object());
        }
    }

    void output(json::object object)
    {
        Tensor tensor;
        std::optional<DataType> type;
        std::optional<std::vector<std::int64_t>> shape;
        std::string later;
        Parameters parameters;
        for (auto field : object) {
            const std::string_view key = field.unescaped_key();
            json::value value = field.value();
            if (key == "name")
                tensor.name = read_text(value, limits_.name_bytes, "'name'");
            else if (key == "datatype")
                type = datatype_named(read_text(value, limits_.name_bytes, "'datatype'"));
            else if (key == "shape")
                shape = read_shape(value, limits_);
            else if (key == "parameters")
                parameters = read_parameters(value, limits_);
            else if (key == "data")
                later = std::string_view{simdjson::to_json_string(value)};
            else
                read_past(value, limits_.depth);
        }
        if (!type || !shape) fail("an output has no type or no shape");
        tensor.type = *type;
        tensor.shape = std::move(*shape);
        const auto each = std::max<std::size_t>(size_of(tensor.type), 4);
        const auto count = element_count(tensor.shape, limits_.tensor_bytes / each);
        if (!count) fail("an output is too large");
        tensor.data = later.empty() ? binary(parameters) : data(tensor, later, *count);
        const TensorSpec itself{tensor.name, tensor.type, tensor.shape};
        if (auto fault = fault_of(tensor, itself)) fail("output " + *fault);
        response.outputs.push_back(std::move(tensor));
    }

    Bytes data(const Tensor& tensor, const std::string& text, std::uint64_t count) const
    {
        if (count > text_bytes_ / 2) fail("an output has fewer elements than its shape");
        Bytes bytes;
        const auto wrapped = "{\"data\":" + text + "}";
        const auto error = with_json(ledger::as_bytes(wrapped), [&](json::object root) {
            for (auto field : root)
                bytes = read_data(field.value(), tensor.name, tensor.type, tensor.shape, limits_,
                                  Nulls::are_nan);
        });
        if (error) fail(error->message);
        return bytes;
    }

    Bytes binary(const Parameters& parameters)
    {
        const auto found = parameters.find("binary_data_size");
        const auto* size =
            found == parameters.end() ? nullptr : std::get_if<std::int64_t>(&found->second);
        if (size == nullptr) fail("an output has no data");
        if (*size < 0 || static_cast<std::uint64_t>(*size) > binary_.size())
            fail("an output is longer than the answer");
        const auto bytes = binary_.first(static_cast<std::size_t>(*size));
        binary_ = binary_.subspan(bytes.size());
        return {bytes.begin(), bytes.end()};
    }

    const ProtocolLimits& limits_;
    const std::size_t text_bytes_;
    ByteView binary_;
};

}  // namespace

Result<RenderedResponse, ProtocolError> render_infer_request(std::span<const Tensor> inputs,
                                                             Encoding encoding,
                                                             const std::string& id,
                                                             std::span<const std::string> outputs)
{
    const auto no_json = [](const Tensor& tensor) {
        return ProtocolError{400, "input '" + tensor.name + "' has no JSON form: send it binary"};
    };
    const auto binary = encoding == Encoding::binary;
    std::string json = "{";
    if (!id.empty()) {
        json += "\"id\":";
        if (!write_string(json, id)) return ProtocolError{400, "the id is not UTF-8"};
        json += ',';
    }
    if (binary) json += "\"parameters\":{\"binary_data_output\":true},";
    json += "\"inputs\":[";
    Bytes tail;
    for (const auto& tensor : inputs) {
        if (json.back() == '}') json += ',';
        json += "{\"name\":";
        if (!write_string(json, tensor.name)) return no_json(tensor);
        json += ",\"datatype\":\"" + std::string{name_of(tensor.type)} + "\",\"shape\":";
        write_shape(json, tensor.shape);
        if (binary) {
            json += ",\"parameters\":{\"binary_data_size\":" + std::to_string(tensor.data.size()) +
                    "}}";
            ledger::append(tail, tensor.data);
        } else {
            json += ",\"data\":";
            if (!write_data(json, tensor)) return no_json(tensor);
            json += '}';
        }
    }
    json += ']';
    if (!outputs.empty()) json += ",\"outputs\":[";
    for (const auto& output : outputs) {
        if (&output != outputs.data()) json += ',';
        json += "{\"name\":";
        if (!write_string(json, output))
            return ProtocolError{400, "the name of an output is not UTF-8"};
        json += '}';
    }
    json += outputs.empty() ? "}" : "]}";
    RenderedResponse request;
    ledger::append(request.body, ledger::as_bytes(json));
    ledger::append(request.body, tail);
    if (binary) {
        request.json_bytes = json.size();
        request.content_type = "application/octet-stream";
    }
    return request;
}

Result<InferResponse, ProtocolError> parse_infer_response(ByteView body,
                                                          std::optional<std::uint64_t> json_bytes,
                                                          const ProtocolLimits& limits)
{
    if (body.size() > limits.body_bytes) return ProtocolError{413, "the answer is too large"};
    const auto text_bytes = json_bytes.value_or(body.size());
    if (text_bytes > body.size() || text_bytes > limits.json_bytes)
        return ProtocolError{400, "the answer's JSON is longer than the answer"};
    ResponseReader reader{limits, text_bytes, body.subspan(text_bytes)};
    if (auto error =
            with_json(body.first(text_bytes), [&](json::object root) { reader.read(root); }))
        return *error;
    return std::move(reader.response);
}

}  // namespace inference
