#include "inference/clients/clients.hpp"
#include "inference/clients/model_api.hpp"
#include "inference/clients/names.hpp"
#include "inference/clients/runtimes.hpp"

namespace inference {
namespace {

std::string specs_text(const char* name, const std::vector<NamedTensor>& tensors)
{
    std::string text = std::string{"export const "} + name + " = [\n";
    for (const auto& tensor : tensors)
        text += "  { key: '" + tensor.member + "', name: " + js_literal(tensor.spec.name) +
                ", datatype: '" + std::string{name_of(tensor.spec.datatype)} +
                "', shape: " + listed(tensor.spec.shape, "[]") + " },\n";
    return text + "];\n";
}

std::string usage_text(const NamedIo& io)
{
    std::string text = "//\n//     const client = new Client();\n//     const { ";
    for (const auto& output : io.outputs)
        text += (&output == io.outputs.data() ? "" : ", ") + output.member;
    text += " } = await client.infer({ ";
    for (const auto& input : io.inputs)
        text += (&input == io.inputs.data() ? "" : ", ") + input.member + ": [...]";
    return text + " });\n";
}

}  // namespace

Result<std::string> js_client(const ModelApi& api, const ClientLimits& limits)
{
    if (const auto good = check(api, limits); !good) return good.error();
    const auto io = named_io(api);
    std::string text = "// A client of the model " + comment_text(api.name) + " at " +
                       comment_text(api.url) + ", made by Millrace from its inputs and outputs.\n";
    text += usage_text(io);
    if (!api.price.empty())
        text +=
            "//\n// The model has a price: give the client a fetch that pays, such as "
            "wrapFetchWithPayment of x402-fetch.\n";
    text += "\nconst DEFAULT_BASE = " + js_literal(api.url) +
            ";\nconst PATH = " + js_literal(model_path(api) + "/infer") + ";\n\n";
    text += specs_text("INPUTS", io.inputs) + '\n' + specs_text("OUTPUTS", io.outputs);
    text += js_runtime();
    return text;
}

}  // namespace inference
