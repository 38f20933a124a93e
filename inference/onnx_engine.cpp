#include "inference/engine.hpp"
#include "inference/onnx_engine_api.hpp"
#include "inference/onnx_engine_budget.hpp"
#include "inference/onnx_engine_library.hpp"
#include "inference/onnx_engine_values.hpp"
#include "inference/telemetry.hpp"
#include "inference/watchdog.hpp"
#include "ledger/base/ensure.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

namespace inference {
namespace {

using Clock = std::chrono::steady_clock;
using ledger::Error;
using ledger::ErrorKind;

// Graph optimisation is pinned: it changes floats, and two hosts of one model should agree.
Ort::SessionOptions session_options(const LoadOptions& options, const ModelSummary& summary)
{
    Ort::SessionOptions session;
    session.SetGraphOptimizationLevel(GraphOptimizationLevel::ORT_ENABLE_ALL);
    session.SetExecutionMode(ExecutionMode::ORT_SEQUENTIAL);
    session.SetIntraOpNumThreads(static_cast<int>(std::max(1u, options.intra_op_threads)));
    session.SetInterOpNumThreads(1);
    session.AddConfigEntry("session.intra_op.allow_spinning", "0");
    session.AddConfigEntry("session.inter_op.allow_spinning", "0");
    // The library folds constants with memory that no budget of ours sees.
    if (!summary.constants_stay_small)
        session.AddConfigEntry("optimization.disable_specified_optimizers", "ConstantFolding");
    if (!options.memory_arena) {
        session.DisableCpuMemArena();
        session.AddConfigEntry("session.use_env_allocators", "1");
    }
    return session;
}

std::string short_text(const char* text)
{
    return std::string{text}.substr(0, 500);
}

class OnnxModel final : public Model {
public:
    OnnxModel(std::shared_ptr<const ModelSummary> summary, Ort::Session session, Watchdog& watchdog,
              const LoadOptions& options)
        : summary_{std::move(summary)},
          session_{std::move(session)},
          watchdog_{watchdog},
          options_{options}
    {
        for (const auto& output : summary_->io.outputs) all_outputs_.push_back(output.name);
    }

    const ModelSummary& summary() const override { return *summary_; }

    Result<RunOutput, InferError> run(std::span<const Tensor> inputs,
                                      std::span<const std::string> outputs,
                                      const RunControl& control) override
    {
        const auto start = Clock::now();
        if (const auto over = stopped(control, start)) return *over;
        if (auto fault = fault_of(inputs, io()))
            return InferError{InferErrorKind::invalid_input, std::move(*fault)};
        if (outputs.empty()) outputs = all_outputs_;
        for (const auto& name : outputs)
            if (io().output(name) == nullptr)
                return InferError{InferErrorKind::invalid_input,
                                  "the model has no output '" + name + "'"};
        std::optional<MemoryBudget> budget;
        if (!options_.memory_arena) budget.emplace(options_.run_bytes);
        try {
            return run_checked(inputs, outputs, control, start);
        } catch (const Ort::Exception& error) {
            if (budget && budget->exceeded())
                return InferError{InferErrorKind::too_large,
                                  "the run needs more than " + std::to_string(options_.run_bytes) +
                                      " bytes of memory"};
            if (const auto over = stopped(control, Clock::now())) return *over;
            return InferError{InferErrorKind::failed, short_text(error.what())};
        } catch (const std::exception& error) {
            return InferError{InferErrorKind::failed, short_text(error.what())};
        }
    }

private:
    static std::optional<InferError> stopped(const RunControl& control, Clock::time_point now)
    {
        if (control.stop.stop_requested())
            return InferError{InferErrorKind::cancelled, "the request was cancelled"};
        if (control.deadline && now >= *control.deadline)
            return InferError{InferErrorKind::deadline, "the request was not done in time"};
        return {};
    }

    Result<RunOutput, InferError> run_checked(std::span<const Tensor> inputs,
                                              std::span<const std::string> outputs,
                                              const RunControl& control, Clock::time_point start)
    {
        std::vector<const char*> input_names;
        std::vector<Ort::Value> values;
        input_names.reserve(inputs.size());
        values.reserve(inputs.size());
        for (const auto& input : inputs) {
            input_names.push_back(input.name.c_str());
            values.push_back(to_value(input));
        }
        std::vector<const char*> output_names;
        output_names.reserve(outputs.size());
        for (const auto& output : outputs) output_names.push_back(output.c_str());

        const auto begin = Clock::now();
        auto results = run_session(input_names, values, output_names, control);
        const auto end = Clock::now();

        RunOutput output;
        output.tensors.reserve(results.size());
        auto bytes_left = options_.output_bytes;
        for (std::size_t i = 0; i < results.size(); ++i) {
            auto tensor = to_tensor(outputs[i], results[i], bytes_left);
            if (!tensor) return tensor.error();
            output.tensors.push_back(std::move(*tensor));
        }
        output.timing = {begin - start, end - begin, Clock::now() - end};
        return output;
    }

    std::vector<Ort::Value> run_session(const std::vector<const char*>& input_names,
                                        const std::vector<Ort::Value>& values,
                                        const std::vector<const char*>& output_names,
                                        const RunControl& control)
    {
        Ort::RunOptions options;
        std::optional<Watchdog::Watch> watch;
        if (control.deadline)
            watch.emplace(watchdog_, *control.deadline, [&] { options.SetTerminate(); });
        const std::stop_callback on_stop{control.stop, [&] { options.SetTerminate(); }};
        return session_.Run(options, input_names.data(), values.data(), values.size(),
                            output_names.data(), output_names.size());
    }

    std::shared_ptr<const ModelSummary> summary_;
    Ort::Session session_;
    Watchdog& watchdog_;
    LoadOptions options_;
    std::vector<std::string> all_outputs_;
};

// One for the process and never destroyed: the library keeps it as a singleton anyway, and sessions
// may go as late as they like. What the library would print may hold names from a stranger's
// model; errors come back as values.
Ort::Env& environment()
{
    static auto* made = [] {
        auto fresh = std::make_unique<Ort::Env>(
            ORT_LOGGING_LEVEL_FATAL, "millrace",
            [](void*, OrtLoggingLevel, const char*, const char*, const char*, const char*) {},
            nullptr);
        fresh->DisableTelemetryEvents();
        Ort::ThrowOnError(Ort::GetApi().RegisterAllocator(*fresh, budget_allocator()));
        return fresh.release();
    }();
    return *made;
}

class OnnxEngine final : public Engine {
public:
    OnnxEngine(std::string version, Ort::Env& environment)
        : version_{std::move(version)}, environment_{environment}
    {
    }

    std::string version() const override { return version_; }

    Result<std::vector<std::unique_ptr<Model>>> load_copies(ByteView file, std::size_t copies,
                                                            const LoadOptions& options) override
    {
        auto inspected = inspect_model(file, options.limits);
        if (!inspected) return inspected.error();
        const auto summary = std::make_shared<const ModelSummary>(std::move(*inspected));
        std::vector<std::unique_ptr<Model>> models;
        for (std::size_t i = 0; i < copies; ++i) {
            std::optional<MemoryBudget> budget;
            if (!options.memory_arena) budget.emplace(options.load_bytes);
            try {
                Ort::Session session{environment_, file.data(), file.size(),
                                     session_options(options, *summary)};
                models.push_back(
                    std::make_unique<OnnxModel>(summary, std::move(session), watchdog_, options));
            } catch (const std::exception& error) {
                if (budget && budget->exceeded())
                    return Error{ErrorKind::full, "loading the model needs more than " +
                                                      std::to_string(options.load_bytes) +
                                                      " bytes of memory"};
                return Error{ErrorKind::invalid,
                             "ONNX Runtime refuses the model: " + short_text(error.what())};
            }
        }
        return models;
    }

private:
    std::string version_;
    Ort::Env& environment_;
    Watchdog watchdog_;
};

}  // namespace

Result<std::unique_ptr<Model>> Engine::load(ByteView file, const LoadOptions& options)
{
    auto models = load_copies(file, 1, options);
    if (!models) return models.error();
    return std::move(models->front());
}

Result<std::shared_ptr<Engine>> open_onnx_engine(const std::string& library)
{
    ledger::ensure(telemetry_disabled(), "main() disables telemetry before anything else");
    const auto version = load_onnx_library(library);
    if (!version) return version.error();
    try {
        return std::shared_ptr<Engine>{std::make_shared<OnnxEngine>(*version, environment())};
    } catch (const std::exception& error) {
        return Error{ErrorKind::unavailable,
                     "ONNX Runtime " + *version + " does not start: " + short_text(error.what())};
    }
}

}  // namespace inference
