#include "inference/protocol/infer_response.hpp"

#include "inference/protocol/classification.hpp"
#include "inference/protocol/json_writer.hpp"
#include "ledger/base/ensure.hpp"

namespace inference {
namespace {

ProtocolError not_text(const std::string& what)
{
    return {500, what + " is not UTF-8: ask for it with binary_data"};
}

}  // namespace

Result<RenderedResponse, ProtocolError> render_infer_response(const InferRequest& request,
                                                              const ModelNames& model,
                                                              std::span<const Tensor> outputs)
{
    ledger::ensure(outputs.size() == request.outputs.size(),
                   "one tensor for each output asked for");
    std::string json = "{\"model_name\":";
    bool text = write_string(json, model.name);
    if (!model.version.empty()) {
        json += ",\"model_version\":";
        text = text && write_string(json, model.version);
    }
    if (request.id) {
        json += ",\"id\":";
        text = text && write_string(json, *request.id);
    }
    if (!text) return not_text("a name or id");
    json += ",\"outputs\":[";
    Bytes binary;
    bool any_binary = false;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const auto& asked = request.outputs[i];
        Tensor classes;
        if (asked.classification != 0) {
            auto best = classify(outputs[i], asked.classification, model.labels);
            if (!best) return best.error();
            classes = std::move(*best);
        }
        const auto& tensor = asked.classification != 0 ? classes : outputs[i];
        if (i != 0) json += ',';
        json += "{\"name\":";
        if (!write_string(json, tensor.name)) return not_text("the name of an output");
        json += ",\"datatype\":\"";
        json += name_of(tensor.type);
        json += "\",\"shape\":";
        write_shape(json, tensor.shape);
        if (asked.binary) {
            any_binary = true;
            json += ",\"parameters\":{\"binary_data_size\":" + std::to_string(tensor.data.size()) +
                    "}}";
            ledger::append(binary, tensor.data);
        } else {
            json += ",\"data\":";
            if (!write_data(json, tensor)) return not_text("output '" + tensor.name + "'");
            json += '}';
        }
    }
    json += "]}";
    RenderedResponse response;
    response.body.reserve(json.size() + binary.size());
    ledger::append(response.body, ledger::as_bytes(json));
    ledger::append(response.body, binary);
    if (any_binary) {
        response.json_bytes = json.size();
        response.content_type = "application/octet-stream";
    }
    return response;
}

}  // namespace inference
