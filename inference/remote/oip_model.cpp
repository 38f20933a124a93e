#include "inference/remote/oip_model.hpp"

#include "inference/protocol/client.hpp"

#include <algorithm>

namespace inference {
namespace {

using Clock = std::chrono::steady_clock;
using ledger::Error;
using ledger::ErrorKind;

std::string segment(std::string_view text)
{
    static constexpr char hex[] = "0123456789ABCDEF";
    std::string made;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                           (c == '.' && text.size() > 2);
        if (plain)
            made += c;
        else
            made.append({'%', hex[byte >> 4], hex[byte & 15]});
    }
    return made;
}

std::string base_path(const OipTarget& target)
{
    auto path = "/v2/models/" + segment(target.model);
    if (!target.version.empty()) path += "/versions/" + segment(target.version);
    return path;
}

InferError nonsense(const std::string& what)
{
    return {InferErrorKind::failed, "the model's server answers nonsense: " + what};
}

class OipModel final : public Model {
public:
    OipModel(std::shared_ptr<const ModelSummary> summary, std::shared_ptr<Backend> backend,
             std::string path, const OipOptions& options)
        : summary_{std::move(summary)},
          backend_{std::move(backend)},
          path_{std::move(path)},
          options_{options}
    {
        for (const auto& output : summary_->io.outputs) all_outputs_.push_back(output.name);
    }

    const ModelSummary& summary() const override { return *summary_; }
    bool ready() const override { return backend_->ready(); }

    Result<RunOutput, InferError> run(std::span<const Tensor> inputs,
                                      std::span<const std::string> outputs,
                                      const RunControl& control) override
    {
        const auto start = Clock::now();
        if (outputs.empty()) outputs = all_outputs_;
        if (auto fault = request_fault(io(), inputs, outputs)) return std::move(*fault);
        auto rendered = render_infer_request(inputs, Encoding::binary, {}, outputs);
        if (!rendered)
            return InferError{InferErrorKind::invalid_input, std::move(rendered.error().message)};
        UpstreamRequest request{
            "POST",
            path_,
            {{"Content-Type", rendered->content_type},
             {"Inference-Header-Content-Length", std::to_string(*rendered->json_bytes)}},
            std::move(rendered->body)};

        const auto begin = Clock::now();
        const auto reply = backend_->call(request, control);
        const auto end = Clock::now();
        if (!reply) return reply.error();
        if (reply->status != 200) return refusal(*reply);
        auto tensors = read(*reply, outputs);
        if (!tensors) return tensors.error();
        return RunOutput{std::move(*tensors), {begin - start, end - begin, Clock::now() - end}};
    }

private:
    Result<std::vector<Tensor>, InferError> read(const UpstreamReply& reply,
                                                 std::span<const std::string> wanted) const
    {
        std::optional<std::uint64_t> json_bytes;
        if (const auto header = reply.header("Inference-Header-Content-Length")) {
            json_bytes = parse_json_bytes_header(*header);
            if (!json_bytes) return nonsense("a length is no number");
        }
        auto answer = parse_infer_response(reply.body, json_bytes, options_.protocol);
        if (!answer) {
            if (answer.error().status == 413)
                return InferError{InferErrorKind::too_large, answer.error().message};
            return nonsense(answer.error().message);
        }
        std::vector<Tensor> tensors;
        for (const auto& name : wanted) {
            const auto found = std::ranges::find(answer->outputs, name, &Tensor::name);
            if (found == answer->outputs.end()) return nonsense("output '" + name + "' is missing");
            if (auto fault = fault_of(*found, *io().output(name)))
                return nonsense("output " + *fault);
            tensors.push_back(*found);
        }
        return tensors;
    }

    std::shared_ptr<const ModelSummary> summary_;
    std::shared_ptr<Backend> backend_;
    std::string path_;
    OipOptions options_;
    std::vector<std::string> all_outputs_;
};

ErrorKind kind_of(const InferError& error)
{
    return error.kind == InferErrorKind::failed || error.kind == InferErrorKind::too_large
               ? ErrorKind::invalid
               : ErrorKind::unavailable;
}

}  // namespace

std::string ready_path(const OipTarget& target)
{
    return base_path(target) + "/ready";
}

Result<std::vector<std::unique_ptr<Model>>> open_oip_models(std::shared_ptr<Backend> backend,
                                                            const OipTarget& target,
                                                            std::size_t copies,
                                                            const OipOptions& options)
{
    const UpstreamRequest request{"GET", base_path(target)};
    const auto reply = backend->call(request, {Clock::now() + options.open_time, {}});
    if (!reply) return Error{kind_of(reply.error()), reply.error().detail};
    if (reply->status == 404)
        return Error{ErrorKind::not_found, "the server has no model '" + target.model + "'"};
    if (reply->status != 200) {
        const auto why = refusal(*reply);
        return Error{kind_of(why), why.detail};
    }
    auto metadata = parse_model_metadata(reply->body, options.protocol);
    if (!metadata)
        return Error{ErrorKind::invalid, "the server's description of '" + target.model +
                                             "' makes no sense: " + metadata.error().message};
    const auto summary = std::make_shared<ModelSummary>();
    summary->io = std::move(*metadata);
    summary->unverified = true;
    std::vector<std::unique_ptr<Model>> models;
    for (std::size_t i = 0; i < copies; ++i)
        models.push_back(
            std::make_unique<OipModel>(summary, backend, base_path(target) + "/infer", options));
    return models;
}

}  // namespace inference
