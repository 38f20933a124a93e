#include "wallet/cli/local_model.hpp"

#include "wallet/cli/session.hpp"

#include <algorithm>
#include <filesystem>
#include <thread>

namespace wallet::cli {
namespace {

// One's own model and machine: what a stranger's may take of a node would be too little here.
inference::LoadOptions load_options(unsigned threads)
{
    inference::LoadOptions options;
    options.intra_op_threads =
        threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
    options.load_bytes = 4ULL << 30;
    options.run_bytes = 8ULL << 30;
    options.output_bytes = 1ULL << 30;
    return options;
}

ledger::Error error_of(const inference::InferError& error)
{
    using inference::InferErrorKind;
    const auto kind = error.kind == InferErrorKind::too_large ? ledger::ErrorKind::full
                                                              : ledger::ErrorKind::invalid;
    return {kind, error.detail};
}

}  // namespace

LocalModel::LocalModel(const std::string& path, const EngineOptions& options)
    : name_{std::filesystem::path{path}.filename().string()}
{
    const auto file = read_input(path, inference::ModelLimits{}.file_bytes);
    engine_ = must(inference::open_onnx_engine(options.library));
    model_ = must(engine_->load(file, load_options(options.threads)));
}

evaluation::Environment LocalModel::environment() const
{
    return {"millrace 0.1.0", "ONNX Runtime " + engine_->version(), model_->provider()};
}

evaluation::Infer LocalModel::infer() const
{
    return [model = model_.get()](std::span<const inference::Tensor> inputs,
                                  std::span<const std::string> outputs)
               -> ledger::Result<std::vector<inference::Tensor>> {
        auto ran = model->run(inputs, outputs);
        if (!ran) return error_of(ran.error());
        return std::move(ran->tensors);
    };
}

}  // namespace wallet::cli
