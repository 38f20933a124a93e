#include "inference/protocol/infer_request.hpp"

#include "inference/protocol/json_reader.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace inference {
namespace {

// An input as the JSON describes it; its data may follow in binary.
struct Described {
    std::optional<std::string> name;
    std::optional<DataType> type;
    std::optional<std::vector<std::int64_t>> shape;
    Parameters parameters;
    std::optional<Bytes> data;
    std::string later;  ///< `data` as text, where it came before what says how to read it
};

template <class Value>
void once(const std::optional<Value>& already, const char* key)
{
    if (already) fail(std::string{"'"} + key + "' is given twice");
}

// A parameter that must be a whole number of at least 0.
std::optional<std::uint64_t> number(const Parameters& parameters, const char* key)
{
    const auto found = parameters.find(key);
    if (found == parameters.end()) return {};
    const auto* value = std::get_if<std::int64_t>(&found->second);
    if (value == nullptr || *value < 0)
        fail(std::string{"parameter '"} + key + "' is not a whole number of at least 0");
    return static_cast<std::uint64_t>(*value);
}

std::optional<bool> flag(const Parameters& parameters, const char* key)
{
    const auto found = parameters.find(key);
    if (found == parameters.end()) return {};
    const auto* value = std::get_if<bool>(&found->second);
    if (value == nullptr) fail(std::string{"parameter '"} + key + "' is not a boolean");
    return *value;
}

void refuse_what_we_cannot_do(const Parameters& parameters)
{
    for (const auto& [key, value] : parameters) {
        if (key.starts_with("shared_memory")) fail("shared memory is not supported", 501);
        if (key.starts_with("sequence_")) fail("sequences are not supported", 501);
    }
}

class RequestReader {
public:
    RequestReader(const ModelIo& io, const ProtocolLimits& limits, std::size_t text_bytes,
                  ByteView binary)
        : io_{io}, limits_{limits}, text_bytes_{text_bytes}, binary_{binary}
    {
    }

    void read(json::object root)
    {
        for (auto field : root) {
            const std::string_view key = field.unescaped_key();
            json::value value = field.value();
            if (key == "id") {
                once(request_.id, "id");
                request_.id = read_text(value, limits_.text_bytes, "'id'");
            } else if (key == "parameters") {
                once(parameters_, "parameters");
                parameters_ = read_parameters(value, limits_);
            } else if (key == "inputs") {
                if (has_inputs_) fail("'inputs' is given twice");
                has_inputs_ = true;
                inputs(value);
            } else if (key == "outputs") {
                if (!outputs_.empty()) fail("'outputs' is given twice");
                outputs(value);
            } else {
                read_past(value, limits_.depth);
            }
        }
    }

    InferRequest finish()
    {
        if (!has_inputs_) fail("'inputs' is missing");
        if (!binary_.empty())
            fail("the body has " + std::to_string(binary_.size()) +
                 " bytes after the last binary tensor");
        if (parameters_) request_.parameters = std::move(*parameters_);
        refuse_what_we_cannot_do(request_.parameters);
        request_.timeout_us = number(request_.parameters, "timeout");
        request_.priority = number(request_.parameters, "priority").value_or(0);
        if (auto fault = fault_of(request_.inputs, io_)) fail(std::move(*fault));
        finish_outputs();
        request_.rows = batch_items(request_.inputs, io_);
        for (const auto& input : request_.inputs) request_.input_bytes += input.data.size();
        return std::move(request_);
    }

private:
    void inputs(json::value value)
    {
        json::array array;
        if (value.get_array().get(array) != simdjson::SUCCESS) fail("'inputs' is not an array");
        for (json::value item : array) {
            if (request_.inputs.size() == limits_.inputs)
                fail("more than " + std::to_string(limits_.inputs) + " inputs");
            json::object object;
            if (item.get_object().get(object) != simdjson::SUCCESS)
                fail("an item of 'inputs' is not an object");
            input(object);
        }
    }

    void input(json::object object)
    {
        Described described;
        bool has_parameters = false;
        for (auto field : object) {
            const std::string_view key = field.unescaped_key();
            json::value value = field.value();
            if (key == "name") {
                once(described.name, "name");
                described.name = read_text(value, limits_.name_bytes, "'name'");
            } else if (key == "datatype") {
                once(described.type, "datatype");
                const auto name = read_text(value, limits_.name_bytes, "'datatype'");
                described.type = datatype_named(name);
                if (!described.type) fail("there is no datatype '" + name + "'");
            } else if (key == "shape") {
                once(described.shape, "shape");
                described.shape = read_shape(value, limits_);
            } else if (key == "parameters") {
                if (has_parameters) fail("'parameters' is given twice");
                has_parameters = true;
                described.parameters = read_parameters(value, limits_);
            } else if (key == "data") {
                once(described.data, "data");
                if (!described.later.empty()) fail("'data' is given twice");
                if (described.name && described.type && described.shape)
                    described.data = data(described, value);
                else
                    described.later = std::string_view{simdjson::to_json_string(value)};
            } else {
                read_past(value, limits_.depth);
            }
        }
        take(std::move(described));
    }

    // Type and shape are checked before the first element is read or room for it made.
    Bytes data(const Described& described, json::value value)
    {
        check(described);
        // An element and its comma are two bytes: nobody makes us reserve more than they send.
        if (*element_count(*described.shape) > text_bytes_ / 2)
            fail("data of '" + *described.name + "' has fewer elements than its shape " +
                 to_text(*described.shape));
        return read_data(value, *described.name, *described.type, *described.shape, limits_);
    }

    void check(const Described& described)
    {
        const auto* spec = io_.input(*described.name);
        if (spec == nullptr) fail("the model has no input '" + *described.name + "'");
        if (*described.type != spec->datatype)
            fail("input '" + spec->name + "' is " + std::string{name_of(*described.type)} +
                 ", the model takes " + std::string{name_of(spec->datatype)});
        if (auto fault = shape_fault(*described.shape, *spec)) fail("input " + *fault);
        const auto each = std::max<std::size_t>(size_of(*described.type), 4);
        if (!element_count(*described.shape, limits_.tensor_bytes / each))
            fail("input '" + spec->name + "' is too large", 413);
    }

    void take(Described described)
    {
        if (!described.name) fail("an input has no 'name'");
        const auto quoted = "input '" + *described.name + "'";
        if (!described.type) fail(quoted + " has no 'datatype'");
        if (!described.shape) fail(quoted + " has no 'shape'");
        refuse_what_we_cannot_do(described.parameters);
        check(described);
        const auto binary_bytes = number(described.parameters, "binary_data_size");
        if (!described.later.empty()) {
            const auto wrapped = "{\"data\":" + described.later + "}";
            const auto error = with_json(ledger::as_bytes(wrapped), [&](json::object root) {
                for (auto field : root) described.data = data(described, field.value());
            });
            if (error) fail(error->message, error->status);
        }
        if (binary_bytes) {
            if (described.data) fail(quoted + " has both 'data' and 'binary_data_size'");
            if (*binary_bytes > binary_.size())
                fail(quoted + " has binary_data_size " + std::to_string(*binary_bytes) + ", " +
                     std::to_string(binary_.size()) + " bytes are left in the body");
            const auto bytes = binary_.first(*binary_bytes);
            binary_ = binary_.subspan(*binary_bytes);
            described.data.emplace(bytes.begin(), bytes.end());
        }
        if (!described.data) fail(quoted + " has no 'data'");
        request_.inputs.push_back({std::move(*described.name), *described.type,
                                   std::move(*described.shape), std::move(*described.data)});
    }

    void outputs(json::value value)
    {
        json::array array;
        if (value.get_array().get(array) != simdjson::SUCCESS) fail("'outputs' is not an array");
        for (json::value item : array) {
            if (outputs_.size() == limits_.outputs)
                fail("more than " + std::to_string(limits_.outputs) + " outputs");
            json::object object;
            if (item.get_object().get(object) != simdjson::SUCCESS)
                fail("an item of 'outputs' is not an object");
            Asked asked;
            std::optional<std::string> name;
            for (auto field : object) {
                const std::string_view key = field.unescaped_key();
                json::value member = field.value();
                if (key == "name") {
                    once(name, "name");
                    name = read_text(member, limits_.name_bytes, "'name'");
                } else if (key == "parameters") {
                    asked.parameters = read_parameters(member, limits_);
                } else {
                    read_past(member, limits_.depth);
                }
            }
            if (!name) fail("an output has no 'name'");
            asked.name = std::move(*name);
            outputs_.push_back(std::move(asked));
        }
    }

    void finish_outputs()
    {
        const auto all_binary = flag(request_.parameters, "binary_data_output").value_or(false);
        if (outputs_.empty())
            for (const auto& output : io_.outputs) outputs_.push_back({output.name, {}});
        std::set<std::string_view> names;
        for (const auto& asked : outputs_) {
            const auto* spec = io_.output(asked.name);
            if (spec == nullptr) fail("the model has no output '" + asked.name + "'");
            if (!names.insert(asked.name).second)
                fail("output '" + asked.name + "' is asked for twice");
            refuse_what_we_cannot_do(asked.parameters);
            RequestedOutput output;
            output.name = asked.name;
            output.binary = flag(asked.parameters, "binary_data").value_or(all_binary);
            const auto classes = number(asked.parameters, "classification").value_or(0);
            if (classes > limits_.classes)
                fail("'classification' is above " + std::to_string(limits_.classes));
            output.classification = static_cast<std::uint32_t>(classes);
            if (classes != 0 && spec->datatype == DataType::BYTES)
                fail("output '" + asked.name + "' is BYTES and has no classes");
            const auto half = spec->datatype == DataType::FP16 || spec->datatype == DataType::BF16;
            if (half && !output.binary && classes == 0)
                fail("output '" + asked.name + "' is " + std::string{name_of(spec->datatype)} +
                     ", which has no JSON form: ask for it with binary_data");
            request_.outputs.push_back(std::move(output));
        }
    }

    struct Asked {
        std::string name;
        Parameters parameters;
    };

    const ModelIo& io_;
    const ProtocolLimits& limits_;
    const std::size_t text_bytes_;
    ByteView binary_;
    InferRequest request_;
    std::optional<Parameters> parameters_;
    std::vector<Asked> outputs_;
    bool has_inputs_ = false;
};

// The whole body is the only input, with at most one size left to find out.
Result<InferRequest, ProtocolError> parse_raw(ByteView body, const ModelIo& io)
{
    const auto wrong = [](std::string why) { return ProtocolError{400, std::move(why)}; };
    if (io.inputs.size() != 1) return wrong("a raw request needs a model with exactly one input");
    const auto& spec = io.inputs.front();
    Tensor tensor{spec.name, spec.datatype, spec.shape, {}};
    std::uint64_t known = 1;
    std::size_t open = 0;
    for (const auto size : spec.shape) {
        if (size == -1)
            ++open;
        else if (!element_count(std::vector{static_cast<std::int64_t>(known), size}, INT64_MAX))
            return wrong("the model's input is too large");
        else
            known *= static_cast<std::uint64_t>(size);
    }
    if (open > 1) return wrong("a raw request needs a model with at most one variable dimension");
    std::uint64_t count = 1;
    if (spec.datatype == DataType::BYTES) {
        append_string(tensor.data, body);  // the body is the one element
    } else {
        const auto each = size_of(spec.datatype);
        if (body.size() % each != 0)
            return wrong("the body is not a whole number of " +
                         std::string{name_of(spec.datatype)});
        count = body.size() / each;
        tensor.data.assign(body.begin(), body.end());
    }
    if (open == 1 && (known == 0 || count % known != 0))
        return wrong("the body does not fill the shape " + to_text(spec.shape));
    for (auto& size : tensor.shape)
        if (size == -1) size = static_cast<std::int64_t>(count / known);
    InferRequest request;
    request.inputs.push_back(std::move(tensor));
    if (auto fault = fault_of(request.inputs, io)) return wrong(std::move(*fault));
    for (const auto& output : io.outputs) request.outputs.push_back({output.name, true, 0});
    request.rows = batch_items(request.inputs, io);
    request.input_bytes = request.inputs.front().data.size();
    return request;
}

}  // namespace

std::vector<std::string> InferRequest::output_names() const
{
    std::vector<std::string> names;
    for (const auto& output : outputs) names.push_back(output.name);
    return names;
}

Result<InferRequest, ProtocolError> parse_infer_request(ByteView body,
                                                        std::optional<std::uint64_t> json_bytes,
                                                        const ModelIo& io,
                                                        const ProtocolLimits& limits)
{
    if (body.size() > limits.body_bytes) return ProtocolError{413, "the body is too large"};
    if (json_bytes == 0) return parse_raw(body, io);
    if (json_bytes.value_or(0) > body.size())
        return ProtocolError{400, "Inference-Header-Content-Length is " +
                                      std::to_string(*json_bytes) + ", the body has " +
                                      std::to_string(body.size()) + " bytes"};
    const auto text = body.first(json_bytes.value_or(body.size()));
    if (text.size() > limits.json_bytes) return ProtocolError{413, "the JSON is too large"};
    RequestReader reader{io, limits, text.size(), body.subspan(text.size())};
    if (auto error = with_json(text, [&](json::object root) { reader.read(root); })) return *error;
    try {
        return reader.finish();
    } catch (const ProtocolFailure& failure) {
        return failure.error;
    }
}

std::optional<std::uint64_t> parse_json_bytes_header(std::string_view value)
{
    std::uint64_t bytes = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), bytes);
    if (error != std::errc{} || end != value.data() + value.size() || bytes > INT64_MAX) return {};
    return bytes;
}

}  // namespace inference
