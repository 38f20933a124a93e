#include "inference/clients/clients.hpp"
#include "inference/clients/example.hpp"
#include "inference/clients/model_api.hpp"
#include "inference/clients/names.hpp"
#include "inference/clients/runtimes.hpp"
#include "inference/protocol/json_writer.hpp"

#include <utility>

namespace inference {
namespace {

std::string_view element_type(DataType type)
{
    switch (type) {
        case DataType::BOOL:
        case DataType::UINT8:
            return "std::uint8_t";
        case DataType::UINT16:
        case DataType::FP16:
        case DataType::BF16:
            return "std::uint16_t";
        case DataType::UINT32:
            return "std::uint32_t";
        case DataType::UINT64:
            return "std::uint64_t";
        case DataType::INT8:
            return "std::int8_t";
        case DataType::INT16:
            return "std::int16_t";
        case DataType::INT32:
            return "std::int32_t";
        case DataType::INT64:
            return "std::int64_t";
        case DataType::FP32:
            return "float";
        case DataType::FP64:
            return "double";
        case DataType::BYTES:
            break;
    }
    return "std::string";
}

std::string_view element_note(DataType type)
{
    switch (type) {
        case DataType::BOOL:
            return ", each 0 or 1";
        case DataType::FP16:
            return ", each the bits of a half-precision number";
        case DataType::BF16:
            return ", each the upper half of a float";
        default:
            return "";
    }
}

std::string type_text(const NamedTensor& tensor)
{
    const auto type = tensor.spec.datatype;
    std::string text = "// " + comment_text(tensor.spec.name) + ": " + std::string{name_of(type)} +
                       " " + to_text(tensor.spec.shape) + std::string{element_note(type)};
    text += "\nstruct " + tensor.type + " {\n    std::vector<std::int64_t> shape = " +
            listed(example_shape(tensor.spec), "{}") + ";\n    std::vector<" +
            std::string{element_type(type)} + "> data;  // row after row\n};\n";
    return text;
}

std::string members_text(const char* name, const std::vector<NamedTensor>& tensors)
{
    std::string text = std::string{"struct "} + name + " {\n";
    for (const auto& tensor : tensors) text += "    " + tensor.type + " " + tensor.member + ";\n";
    return text + "};\n";
}

std::string input_literal(const TensorSpec& spec)
{
    std::string json = "{\"name\":";
    if (!write_string(json, spec.name)) return "\"\"";
    return cpp_literal(json + ",\"datatype\":\"" + std::string{name_of(spec.datatype)} + "\"");
}

std::string client_text(const ModelApi& api, const NamedIo& io)
{
    std::string text = R"text(
// Calls the model. Any number of calls at a time, as far as the transport allows it.
class Client {
public:
    explicit Client(Transport transport) : transport_(std::move(transport)) {}

    // Throws Error: for a status other than 200 with the answer in it.
    Outputs infer(const Inputs& inputs) const
    {
        std::string json = "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[";
        std::string tail;
)text";
    bool first = true;
    for (const auto& input : io.inputs) {
        if (!std::exchange(first, false)) text += "        json += ',';\n";
        text += "        detail::put_input(json, tail, " + input_literal(input.spec) +
                ",\n                          inputs." + input.member + ".shape, inputs." +
                input.member + ".data);\n";
    }
    if (io.inputs.empty()) text += "        (void)inputs;\n";
    text +=
        "        json += \"]}\";\n        const auto found = detail::read_answer(\n"
        "            detail::ask(transport_, " +
        cpp_literal(model_path(api) + "/infer") + ", json, tail));\n        Outputs outputs;\n";
    for (const auto& output : io.outputs)
        text += "        detail::take(found, std::string(" + cpp_literal(output.spec.name) + ", " +
                std::to_string(output.spec.name.size()) + "), \"" +
                std::string{name_of(output.spec.datatype)} + "\",\n                     outputs." +
                output.member + ".shape, outputs." + output.member + ".data);\n";
    if (io.outputs.empty()) text += "        (void)found;\n";
    return text + "        return outputs;\n    }\n\nprivate:\n    Transport transport_;\n};\n";
}

std::string usage_text(const std::string& space, const NamedIo& io)
{
    std::string text = "//\n//     " + space + "::Client client(" + space +
                       "::posix_transport(\"127.0.0.1\", \"8700\"));\n//     " + space +
                       "::Inputs inputs;\n";
    for (const auto& input : io.inputs)
        text += "//     inputs." + input.member + ".data = ...;  // and .shape, where it varies\n";
    text += "//     const auto outputs = client.infer(inputs);\n";
    for (const auto& output : io.outputs)
        text += "//     use(outputs." + output.member + ".data);\n";
    return text;
}

}  // namespace

Result<std::string> cpp_client(const ModelApi& api, const ClientLimits& limits)
{
    if (const auto good = check(api, limits); !good) return good.error();
    const auto io = named_io(api);
    Identifiers spaces;
    const auto space = "millrace_" + spaces.claim(api.name);
    std::string text = "// A client of the model " + comment_text(api.name) + " at " +
                       comment_text(api.url) + ", made by Millrace from its inputs and outputs.\n";
    text += usage_text(space, io);
    if (!api.price.empty())
        text += "//\n// The model has a price: give a transport that pays, see Transport.\n";
    text += cpp_includes();
    text += "\nnamespace " + space + " {\n";
    text += cpp_runtime();
    for (const auto* tensors : {&io.inputs, &io.outputs})
        for (const auto& tensor : *tensors) text += '\n' + type_text(tensor);
    text += '\n' + members_text("Inputs", io.inputs) + '\n' + members_text("Outputs", io.outputs);
    text += client_text(api, io);
    text += cpp_transport();
    return text + "\n}  // namespace " + space + '\n';
}

}  // namespace inference
