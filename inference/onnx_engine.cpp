#include "inference/engine.hpp"
#include "inference/onnx_engine_api.hpp"
#include "inference/onnx_engine_budget.hpp"
#include "inference/onnx_engine_library.hpp"
#include "inference/onnx_engine_session.hpp"
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

class OnnxModel final : public Model {
public:
    OnnxModel(std::shared_ptr<const ModelSummary> summary, OpenedSession opened,
              std::unique_ptr<ModelMemory::Share> share, Watchdog& watchdog,
              const LoadOptions& options)
        : share_{std::move(share)},
          summary_{std::move(summary)},
          session_{std::move(opened.session)},
          provider_{std::move(opened.provider)},
          memory_bytes_{opened.held_bytes},
          watchdog_{watchdog},
          options_{options}
    {
        for (const auto& output : summary_->io.outputs) all_outputs_.push_back(output.name);
    }

    const ModelSummary& summary() const override { return *summary_; }
    std::uint64_t memory_bytes() const override { return memory_bytes_; }
    std::string provider() const override { return provider_; }

    Result<RunOutput, InferError> run(std::span<const Tensor> inputs,
                                      std::span<const std::string> outputs,
                                      const RunControl& control) override
    {
        const auto start = Clock::now();
        if (const auto over = death_of(control, start)) return *over;
        if (outputs.empty()) outputs = all_outputs_;
        if (auto fault = request_fault(io(), inputs, outputs)) return std::move(*fault);
        std::optional<MemoryBudget> budget;
        if (!options_.memory_arena) budget.emplace(options_.run_bytes);
        try {
            return run_checked(inputs, outputs, control, start);
        } catch (const Ort::Exception& error) {
            if (budget && budget->exceeded())
                return InferError{InferErrorKind::too_large,
                                  "the run needs more than " + std::to_string(options_.run_bytes) +
                                      " bytes of memory"};
            if (const auto over = death_of(control, Clock::now())) return *over;
            return InferError{InferErrorKind::failed, short_text(error.what())};
        } catch (const std::exception& error) {
            return InferError{InferErrorKind::failed, short_text(error.what())};
        }
    }

private:
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

    std::unique_ptr<ModelMemory::Share> share_;  // given back when the session is gone
    std::shared_ptr<const ModelSummary> summary_;
    Ort::Session session_;
    std::string provider_;
    std::uint64_t memory_bytes_;
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
        const auto estimate = estimated_bytes(*summary);
        std::vector<std::unique_ptr<ModelMemory::Share>> shares;
        for (std::size_t i = 0; i < copies && options.memory; ++i) {
            auto share = options.memory->take(estimate);
            if (!share) {
                shares.clear();
                return too_large(*summary, copies, *options.memory);
            }
            shares.push_back(std::move(*share));
        }
        std::vector<std::unique_ptr<Model>> models;
        for (std::size_t i = 0; i < copies; ++i) {
            auto opened = open_session(environment_, file, options, *summary);
            if (!opened) return opened.error();
            auto& held = opened->held_bytes;
            held = held == 0 ? estimate : held + unseen_bytes(*summary);
            std::unique_ptr<ModelMemory::Share> share;
            if (options.memory) {
                share = std::move(shares[i]);
                if (const auto fits = share->settle(held); !fits)
                    return Error{fits.error().kind, "the model turned out larger than it looked: " +
                                                        fits.error().detail};
            }
            models.push_back(std::make_unique<OnnxModel>(summary, std::move(*opened),
                                                         std::move(share), watchdog_, options));
        }
        return models;
    }

private:
    static Error too_large(const ModelSummary& summary, std::size_t copies,
                           const ModelMemory& memory)
    {
        const auto text = [](std::uint64_t bytes) { return std::to_string(bytes); };
        return {ErrorKind::full, "the model needs about " + text(estimated_bytes(summary)) +
                                     " bytes (its file " + text(summary.file_bytes) +
                                     ", its weights " + text(summary.parameter_bytes) +
                                     ") for each of " + text(copies) + " copies; of the " +
                                     text(memory.budget_bytes()) + " that models may hold, " +
                                     text(memory.used_bytes()) + " are in use"};
    }
    /// What a session holds beside tensors, which the library's own allocator does not see: the
    /// graph, about as large as in the file.
    static std::uint64_t unseen_bytes(const ModelSummary& summary)
    {
        return summary.file_bytes - std::min(summary.file_bytes, summary.parameter_bytes);
    }

    std::string version_;
    Ort::Env& environment_;
    Watchdog watchdog_;
};

}  // namespace

Result<std::unique_ptr<Model>> Engine::load(ByteView file)
{
    const LoadOptions options;
    return load(file, options);
}

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
