#pragma once

#include "inference/model_memory.hpp"
#include "inference/run_control.hpp"
#include "ledger/base/result.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace inference {

using ledger::Result;

struct RunTiming {
    std::chrono::nanoseconds input{};   ///< checking and wrapping what came in
    std::chrono::nanoseconds infer{};   ///< inside the library
    std::chrono::nanoseconds output{};  ///< copying out
};

struct RunOutput {
    std::vector<Tensor> tensors;  ///< in the order asked for
    RunTiming timing;
};

struct LoadOptions {
    ModelLimits limits;
    unsigned intra_op_threads = 1;
    /// The library's own arena: faster for some large models, but it keeps the peak for itself
    /// and `run_bytes` is not enforced.
    bool memory_arena = false;
    /// What loading may allocate besides the file, and what one run may hold at any moment.
    std::uint64_t load_bytes = 1u << 30;
    std::uint64_t run_bytes = 256u << 20;
    /// All outputs of one run together.
    std::uint64_t output_bytes = 64u << 20;
    /// What models may hold together; a copy that does not fit by its estimate is refused before
    /// a session is made, and by what it really holds after. Null: no such bound.
    std::shared_ptr<ModelMemory> memory;
    /// "cpu" or "cuda", in order of preference: the first that is there is used.
    std::vector<std::string> providers{"cpu"};
};

/// One model ready to run. Safe to call from several threads, but small models run faster with a
/// Model for each thread.
class Model {
public:
    virtual ~Model() = default;
    virtual const ModelSummary& summary() const = 0;
    const ModelIo& io() const { return summary().io; }
    /// What it holds beside what runs need, as far as it is known.
    virtual std::uint64_t memory_bytes() const { return 0; }
    /// Which of LoadOptions::providers runs it; empty where nobody was asked for one.
    virtual std::string provider() const { return {}; }
    /// Whether a run can succeed now. Any thread.
    virtual bool ready() const { return true; }

    /// `inputs` are read in place and must stay until the call returns. `outputs` are the names
    /// wanted, none means all. The run stops soon after its deadline or a stop: between two
    /// operators, not inside one.
    virtual Result<RunOutput, InferError> run(std::span<const Tensor> inputs,
                                              std::span<const std::string> outputs = {},
                                              const RunControl& control = {}) = 0;
};

/// The inference library. Models stay valid only as long as their engine.
class Engine {
public:
    virtual ~Engine() = default;
    virtual std::string version() const = 0;

    /// Checks `file` as a stranger's (inspect.hpp), then makes `copies` independent models of it.
    /// `file` is not needed afterwards. `full` when they do not fit into memory.
    virtual Result<std::vector<std::unique_ptr<Model>>> load_copies(ByteView file,
                                                                    std::size_t copies,
                                                                    const LoadOptions& options) = 0;

    Result<std::unique_ptr<Model>> load(ByteView file, const LoadOptions& options);
    Result<std::unique_ptr<Model>> load(ByteView file);
};

/// Loads ONNX Runtime at run time, from the first of these that is there: the environment
/// variable MILLRACE_ONNXRUNTIME, `library` (from the configuration; may be empty), the path known
/// when we were built, libonnxruntime.so.1 on the loader's path. A named library that cannot be
/// loaded is an error, never a reason to try the next. One process uses one library.
/// Telemetry must have been disabled (telemetry.hpp).
Result<std::shared_ptr<Engine>> open_onnx_engine(const std::string& library = {});

}  // namespace inference
