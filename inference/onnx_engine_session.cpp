#include "inference/onnx_engine_session.hpp"

#include "inference/onnx_engine_budget.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <optional>

namespace inference {
namespace {

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

// The library's defaults trade the same answer twice for speed.
void append_cuda(Ort::SessionOptions& session)
{
    const auto& api = Ort::GetApi();
    OrtCUDAProviderOptionsV2* made = nullptr;
    Ort::ThrowOnError(api.CreateCUDAProviderOptions(&made));
    const std::unique_ptr<OrtCUDAProviderOptionsV2, void (*)(OrtCUDAProviderOptionsV2*)> cuda{
        made, api.ReleaseCUDAProviderOptions};
    constexpr std::array<const char*, 2> keys{"use_tf32", "cudnn_conv_algo_search"};
    constexpr std::array<const char*, 2> values{"0", "DEFAULT"};
    Ort::ThrowOnError(api.UpdateCUDAProviderOptions(made, keys.data(), values.data(), keys.size()));
    session.AppendExecutionProvider_CUDA_V2(*made);
}

/// The library's name of a provider; null when we know none by `name`.
const char* library_name(const std::string& name)
{
    if (name == "cpu") return "CPUExecutionProvider";
    if (name == "cuda") return "CUDAExecutionProvider";
    return nullptr;
}

/// Why the library has no such provider; empty when it has.
std::optional<std::string> absence(const std::string& provider)
{
    const auto* name = library_name(provider);
    if (name == nullptr) return "is not one we know: cpu, cuda";
    const auto available = Ort::GetAvailableProviders();
    if (std::ranges::find(available, name) != available.end()) return {};
    std::string all;
    for (const auto& one : available) all += (all.empty() ? "" : ", ") + one;
    return "is not in this ONNX Runtime, which has " + all;
}

Result<OpenedSession> open_with(const std::string& provider, Ort::Env& environment, ByteView file,
                                const LoadOptions& options, const ModelSummary& summary)
{
    std::optional<MemoryBudget> budget;
    if (!options.memory_arena) budget.emplace(options.load_bytes);
    try {
        auto session = session_options(options, summary);
        if (provider == "cuda") append_cuda(session);
        Ort::Session opened{environment, file.data(), file.size(), session};
        return OpenedSession{std::move(opened), provider, budget ? budget->held() : 0};
    } catch (const std::exception& error) {
        if (budget && budget->exceeded())
            return Error{ErrorKind::full, "loading the model needs more than " +
                                              std::to_string(options.load_bytes) +
                                              " bytes of memory"};
        return Error{ErrorKind::invalid,
                     "ONNX Runtime refuses the model: " + short_text(error.what())};
    }
}

}  // namespace

std::uint64_t estimated_bytes(const ModelSummary& summary)
{
    return summary.file_bytes + summary.parameter_bytes;
}

Result<OpenedSession> open_session(Ort::Env& environment, ByteView file, const LoadOptions& options,
                                   const ModelSummary& summary)
{
    std::string missing;
    for (const auto& provider : options.providers) {
        if (const auto why = absence(provider)) {
            missing += (missing.empty() ? "" : "; ") + ("provider " + provider + " " + *why);
            continue;
        }
        auto opened = open_with(provider, environment, file, options, summary);
        // The processor is always there, so what it refuses is the model's fault. Others may lack
        // a device, a driver or a library of their own, which only shows now.
        if (opened || provider == "cpu") return opened;
        missing +=
            (missing.empty() ? "" : "; ") + ("provider " + provider + ": ") + opened.error().detail;
    }
    return Error{ErrorKind::unavailable,
                 missing.empty() ? "no execution provider is named" : missing};
}

std::string short_text(const char* text)
{
    return std::string{text}.substr(0, 500);
}

}  // namespace inference
