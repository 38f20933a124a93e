#include "wallet/cli/model_calls.hpp"

#include <cstring>

namespace wallet::cli {

std::string model_path(const std::string& model, const std::string& version)
{
    return "/v2/models/" + url_segment(model) +
           (version.empty() ? "" : "/versions/" + url_segment(version));
}

HttpRequest infer_request(const std::string& path, const std::vector<inference::Tensor>& inputs,
                          inference::Encoding encoding)
{
    auto rendered = inference::render_infer_request(inputs, encoding);
    if (!rendered) fail(Fault::usage, rendered.error().message);
    HttpRequest request{"POST", path + "/infer"};
    request.body = std::move(rendered->body);
    request.content_type = rendered->content_type;
    if (rendered->json_bytes)
        request.headers.emplace_back("Inference-Header-Content-Length",
                                     std::to_string(*rendered->json_bytes));
    return request;
}

inference::InferResponse infer_answer(const HttpReply& reply)
{
    std::optional<std::uint64_t> json_bytes;
    if (const auto header = reply.header("Inference-Header-Content-Length"))
        json_bytes = inference::parse_json_bytes_header(*header);
    auto parsed = inference::parse_infer_response(reply.body, json_bytes);
    if (!parsed) fail(Fault::failed, "the answer cannot be read: " + parsed.error().message);
    return std::move(*parsed);
}

std::vector<double> first_row(const inference::Tensor& output)
{
    const auto elements = inference::element_count(output.shape).value_or(0);
    const auto size = inference::size_of(output.type);
    if (elements == 0 || elements * size != output.data.size()) return {};
    if (output.type != inference::DataType::FP32 && output.type != inference::DataType::FP64)
        return {};
    const auto row = output.shape.size() < 2
                         ? elements
                         : elements / static_cast<std::uint64_t>(output.shape.front());
    std::vector<double> values(row);
    for (std::size_t i = 0; i < row; ++i) {
        if (size == 4) {
            float narrow = 0;
            std::memcpy(&narrow, output.data.data() + 4 * i, 4);
            values[i] = static_cast<double>(narrow);
        } else {
            std::memcpy(&values[i], output.data.data() + 8 * i, 8);
        }
    }
    return values;
}

std::vector<double> class_scores(const inference::InferResponse& answer)
{
    for (const bool likely : {true, false})
        for (const auto& output : answer.outputs) {
            if ((output.name.find("prob") != std::string::npos) != likely) continue;
            if (auto row = first_row(output); !row.empty()) return row;
        }
    return {};
}

}  // namespace wallet::cli
