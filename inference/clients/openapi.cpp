#include "inference/clients/clients.hpp"
#include "inference/clients/example.hpp"
#include "inference/clients/model_api.hpp"

#include <nlohmann/json.hpp>

#include <set>

namespace inference {
namespace {

using Json = nlohmann::ordered_json;

Json element_schema(DataType type)
{
    const auto integer = [](std::int64_t low, std::uint64_t high) {
        return Json{{"type", "integer"}, {"minimum", low}, {"maximum", high}};
    };
    switch (type) {
        case DataType::BOOL:
            return {{"type", "boolean"}};
        case DataType::UINT8:
            return integer(0, UINT8_MAX);
        case DataType::UINT16:
            return integer(0, UINT16_MAX);
        case DataType::UINT32:
            return integer(0, UINT32_MAX);
        case DataType::UINT64:
            return integer(0, UINT64_MAX);
        case DataType::INT8:
            return integer(INT8_MIN, INT8_MAX);
        case DataType::INT16:
            return integer(INT16_MIN, INT16_MAX);
        case DataType::INT32:
            return integer(INT32_MIN, INT32_MAX);
        case DataType::INT64:
            return integer(INT64_MIN, INT64_MAX);
        case DataType::BYTES:
            return {{"type", "string"}};
        case DataType::FP16:
        case DataType::BF16:
        case DataType::FP32:
        case DataType::FP64:
            break;
    }
    return {{"type", "number"}};
}

std::string data_name(DataType type)
{
    return "Data_" + std::string{name_of(type)};
}

Json reference(const std::string& name)
{
    return {{"$ref", "#/components/schemas/" + name}};
}

/// Flat or nested, as the protocol allows both.
Json data_schema(DataType type)
{
    return {
        {"type", "array"},
        {"items", {{"anyOf", Json::array({element_schema(type), reference(data_name(type))})}}}};
}

Json shape_schema(const std::vector<std::int64_t>& shape)
{
    auto sizes = Json::array();
    for (const auto size : shape) {
        if (size < 0)
            sizes.push_back({{"type", "integer"}, {"minimum", 0}});
        else
            sizes.push_back({{"const", size}});
    }
    Json schema{{"type", "array"}, {"minItems", shape.size()}, {"maxItems", shape.size()}};
    if (!shape.empty()) schema["prefixItems"] = std::move(sizes);
    return schema;
}

Json tensor_schema(const TensorSpec& spec)
{
    const bool json = has_json_form({spec});
    auto required = Json::array({"name", "datatype", "shape"});
    if (json) required.push_back("data");
    Json properties{{"name", {{"const", spec.name}}},
                    {"datatype", {{"const", name_of(spec.datatype)}}},
                    {"shape", shape_schema(spec.shape)},
                    {"parameters", {{"type", "object"}}}};
    if (json) properties["data"] = reference(data_name(spec.datatype));
    return {{"type", "object"},
            {"description", json ? "" : "binary only: no data, but the parameter binary_data_size"},
            {"required", std::move(required)},
            {"properties", std::move(properties)}};
}

Json tensors_schema(const std::vector<NamedTensor>& tensors, bool all)
{
    Json schema{{"type", "array"}, {"maxItems", tensors.size()}};
    if (all) schema["minItems"] = tensors.size();
    auto kinds = Json::array();
    for (const auto& tensor : tensors) kinds.push_back(reference(tensor.type));
    if (!kinds.empty()) schema["items"] = {{"oneOf", std::move(kinds)}};
    return schema;
}

Json schemas(const NamedIo& io)
{
    Json made = Json::object();
    std::set<DataType> types;
    for (const auto* tensors : {&io.inputs, &io.outputs})
        for (const auto& tensor : *tensors) {
            made[tensor.type] = tensor_schema(tensor.spec);
            if (has_json_form({tensor.spec})) types.insert(tensor.spec.datatype);
        }
    for (const auto type : types) made[data_name(type)] = data_schema(type);
    made["Request"] = {
        {"type", "object"},
        {"required", Json::array({"inputs"})},
        {"properties",
         {{"id", {{"type", "string"}}},
          {"parameters", {{"type", "object"}}},
          {"inputs", tensors_schema(io.inputs, true)},
          {"outputs",
           {{"type", "array"},
            {"items",
             {{"type", "object"},
              {"required", Json::array({"name"})},
              {"properties",
               {{"name", {{"type", "string"}}}, {"parameters", {{"type", "object"}}}}}}}}}}}};
    made["Response"] = {{"type", "object"},
                        {"required", Json::array({"model_name", "outputs"})},
                        {"properties",
                         {{"id", {{"type", "string"}}},
                          {"model_name", {{"type", "string"}}},
                          {"model_version", {{"type", "string"}}},
                          {"outputs", tensors_schema(io.outputs, false)}}}};
    made["Error"] = {{"type", "object"},
                     {"required", Json::array({"error"})},
                     {"properties", {{"error", {{"type", "string"}}}}}};
    return made;
}

Json content(const std::string& schema)
{
    return {{"application/json", {{"schema", reference(schema)}}},
            {"application/octet-stream", {{"schema", {{"type", "string"}, {"format", "binary"}}}}}};
}

Json header(const char* description)
{
    return {{"description", description}, {"schema", {{"type", "string"}}}};
}

Json infer_operation(const ModelApi& api, const ClientLimits& limits)
{
    auto body = content("Request");
    if (const auto example = example_json(api.io, limits); !example.empty())
        body["application/json"]["example"] = Json::parse(example);
    const auto parameter = [](const char* name, const char* description) {
        return Json{{"name", name},
                    {"in", "header"},
                    {"required", false},
                    {"description", description},
                    {"schema", {{"type", "string"}}}};
    };
    Json operation{
        {"operationId", "infer"},
        {"summary", "Runs the model"},
        {"parameters", Json::array({parameter("Inference-Header-Content-Length",
                                              "bytes of JSON before the binary tensors")})},
        {"requestBody", {{"required", true}, {"content", std::move(body)}}}};
    Json answers{
        {"200", {{"description", "what the model made"}, {"content", content("Response")}}}};
    const auto refused = [&](const char* status, const char* description) {
        answers[status] = {{"description", description},
                           {"content", {{"application/json", {{"schema", reference("Error")}}}}}};
    };
    refused("400", "the request does not fit the model");
    if (!api.price.empty()) {
        operation["parameters"].push_back(
            parameter("PAYMENT-SIGNATURE", "an x402 payment, version 2, in base64"));
        answers["200"]["headers"] = {
            {"PAYMENT-RESPONSE", header("what was charged, with the host's receipt, in base64")}};
        answers["402"] = {
            {"description", "the call has to be paid"},
            {"headers", {{"PAYMENT-REQUIRED", header("x402 offers, version 2, in base64")}}}};
    }
    refused("413", "the request, or the answer, is too large");
    refused("429", "busy: ask again after Retry-After");
    refused("500", "the model failed on this request");
    refused("503", "the model cannot be asked now");
    refused("504", "the time was over before the model finished");
    operation["responses"] = std::move(answers);
    return operation;
}

}  // namespace

Result<std::string> openapi_document(const ModelApi& api, const ClientLimits& limits)
{
    if (const auto good = check(api, limits); !good) return good.error();
    const auto io = named_io(api);
    const auto path = model_path(api);
    Json document{
        {"openapi", "3.1.0"},
        {"info", {{"title", api.name}, {"version", api.version.empty() ? "newest" : api.version}}},
        {"servers", Json::array({Json{{"url", api.url}}})}};
    if (api.unverified)
        document["info"]["description"] =
            "Another server runs this model: its content id is what the host says, unverified.";
    document["paths"][path + "/infer"]["post"] = infer_operation(api, limits);
    document["paths"][path]["get"] = {
        {"operationId", "metadata"},
        {"summary", "Inputs and outputs of the model"},
        {"responses", {{"200", {{"description", "Open Inference Protocol v2 metadata"}}}}}};
    document["paths"][path + "/ready"]["get"] = {
        {"operationId", "ready"},
        {"summary", "Whether the model takes requests"},
        {"responses",
         {{"200", {{"description", "it does"}}}, {"503", {{"description", "it does not"}}}}}};
    document["components"]["schemas"] = schemas(io);
    if (!api.price.empty()) {
        auto price = Json::parse(api.price, nullptr, false);
        if (price.is_discarded()) return ledger::invalid("the price is not JSON");
        document["x-millrace-price"] = std::move(price);
    }
    if (api.unverified) document["x-millrace-unverified"] = true;
    return document.dump(2);
}

}  // namespace inference
