#include "inference/clients/example.hpp"

#include "inference/clients/model_api.hpp"
#include "inference/clients/names.hpp"
#include "inference/model/tensor.hpp"
#include "inference/protocol/json_writer.hpp"

#include <algorithm>

namespace inference {
namespace {

std::string input_head(const TensorSpec& spec)
{
    std::string json = "{\"name\":";
    if (!write_string(json, spec.name)) return {};
    json += ",\"datatype\":\"" + std::string{name_of(spec.datatype)} + "\",\"shape\":";
    write_shape(json, example_shape(spec));
    return json;
}

std::string_view zero_of(DataType type)
{
    if (type == DataType::BOOL) return "false";
    if (type == DataType::BYTES) return "\"text\"";
    return "0";
}

/// Every datatype has its zero in zero bytes: strings are empty then.
Result<std::uint64_t> zero_bytes(const TensorSpec& spec, std::uint64_t most)
{
    const auto each = spec.datatype == DataType::BYTES ? 4u : size_of(spec.datatype);
    const auto count = element_count(example_shape(spec), most / each);
    if (!count || *count * each > most)
        return ledger::Error{ledger::ErrorKind::full,
                             "the model's inputs are too large for an example"};
    return *count * each;
}

}  // namespace

std::vector<std::int64_t> example_shape(const TensorSpec& spec)
{
    auto shape = spec.shape;
    std::ranges::replace(shape, std::int64_t{-1}, std::int64_t{1});
    return shape;
}

bool has_json_form(const std::vector<TensorSpec>& tensors)
{
    return std::ranges::none_of(tensors, [](const TensorSpec& tensor) {
        return tensor.datatype == DataType::FP16 || tensor.datatype == DataType::BF16;
    });
}

std::string example_json(const ModelIo& io, const ClientLimits& limits)
{
    if (!has_json_form(io.inputs)) return {};
    std::string json = "{\"inputs\":[";
    std::uint64_t left = limits.json_elements;
    for (const auto& spec : io.inputs) {
        const auto count = element_count(example_shape(spec), left);
        if (!count || *count > left) return {};
        left -= *count;
        if (json.back() == '}') json += ',';
        json += input_head(spec) + ",\"data\":[";
        for (std::uint64_t i = 0; i < *count; ++i) {
            if (i != 0) json += ',';
            json += zero_of(spec.datatype);
        }
        json += "]}";
    }
    return json + "]}";
}

Result<std::string> curl_script(const ModelApi& api, const ClientLimits& limits)
{
    if (const auto good = check(api, limits); !good) return good.error();
    const bool binary_answer = !has_json_form(api.io.outputs);
    auto text = example_json(api.io, limits);
    std::uint64_t zeros = 0;
    const bool binary = text.empty() || binary_answer;
    if (binary) {
        text = "{";
        if (binary_answer) text += "\"parameters\":{\"binary_data_output\":true},";
        text += "\"inputs\":[";
        for (const auto& spec : api.io.inputs) {
            const auto bytes = zero_bytes(spec, limits.example_bytes - zeros);
            if (!bytes) return bytes.error();
            zeros += *bytes;
            if (text.back() == '}') text += ',';
            text += input_head(spec) +
                    ",\"parameters\":{\"binary_data_size\":" + std::to_string(*bytes) + "}}";
        }
        text += "]}";
    }
    std::string script = "#!/bin/sh\n# Calls the model " + comment_text(api.name) +
                         " once; the inputs have the right shape and say nothing.\n";
    if (!api.price.empty())
        script +=
            "# It has a price: the answer is 402 and the header PAYMENT-REQUIRED, an x402 "
            "offer. millrace infer pays it.\n";
    if (binary)
        script += "{ printf '%s' " + shell_word(text) + "; head -c " + std::to_string(zeros) +
                  " /dev/zero; } |\n";
    script += "curl --silent --show-error --globoff --request POST \\\n  --url " +
              shell_word(api.url + model_path(api) + "/infer");
    if (binary) {
        script +=
            " \\\n  --header 'Content-Type: application/octet-stream' \\\n"
            "  --header 'Inference-Header-Content-Length: " +
            std::to_string(text.size()) + "' \\\n  --data-binary @-";
        if (binary_answer) script += " \\\n  --output answer.bin";
    } else {
        script += " \\\n  --header 'Content-Type: application/json' \\\n  --data-binary " +
                  shell_word(text);
    }
    return script + '\n';
}

}  // namespace inference
