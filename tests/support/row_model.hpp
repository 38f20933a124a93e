#pragma once

#include "inference/pool_request.hpp"

#include <condition_variable>
#include <mutex>
#include <vector>

namespace inference {

/// A model without a library: "in" UINT8 [-1,2] -> "out" UINT8 [-1,2], one more in every byte. It
/// can be held in a run, and fails when a row begins with `poison`.
class RowModel final : public Model {
public:
    static constexpr std::uint8_t poison = 255;

    RowModel()
    {
        summary_.io = {{{"in", DataType::UINT8, {-1, 2}}}, {{"out", DataType::UINT8, {-1, 2}}}};
    }

    const ModelSummary& summary() const override { return summary_; }

    Result<RunOutput, InferError> run(std::span<const Tensor> inputs, std::span<const std::string>,
                                      const RunControl& control) override
    {
        if (auto fault = fault_of(inputs, io()))
            return InferError{InferErrorKind::invalid_input, std::move(*fault)};
        std::unique_lock lock{mutex_};
        runs_.push_back(static_cast<std::uint64_t>(inputs[0].shape[0]));
        changed_.notify_all();
        changed_.wait(lock, control.stop, [&] { return !held_ || allowed_ != 0; });
        if (control.stop.stop_requested()) return InferError{InferErrorKind::cancelled, "stopped"};
        if (held_) --allowed_;
        Tensor out = inputs[0];
        out.name = "out";
        for (std::size_t i = 0; i < out.data.size(); ++i) {
            if (i % 2 == 0 && out.data[i] == poison)
                return InferError{InferErrorKind::failed, "poisoned"};
            ++out.data[i];
        }
        using namespace std::chrono_literals;
        return RunOutput{{std::move(out)}, {10ns, 1'000ns, 10ns}};
    }

    /// From now on a run waits until it is let go, or told to stop.
    void hold()
    {
        const std::lock_guard lock{mutex_};
        held_ = true;
    }
    void let_one_go()
    {
        const std::lock_guard lock{mutex_};
        ++allowed_;
        changed_.notify_all();
    }
    void let_go()
    {
        const std::lock_guard lock{mutex_};
        held_ = false;
        changed_.notify_all();
    }
    /// Returns once so many runs have begun.
    void await_runs(std::size_t count)
    {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return runs_.size() >= count; });
    }
    /// The rows of each run that has begun.
    std::vector<std::uint64_t> runs() const
    {
        const std::lock_guard lock{mutex_};
        return runs_;
    }

private:
    ModelSummary summary_;
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::vector<std::uint64_t> runs_;
    bool held_ = false;
    std::size_t allowed_ = 0;
};

/// A request of `rows` rows, each of them `value` and then its number.
inline PoolRequest rows_of(std::uint8_t value, std::int64_t rows = 1)
{
    PoolRequest request;
    Tensor in{"in", DataType::UINT8, {rows, 2}, {}};
    for (std::int64_t row = 0; row < rows; ++row) {
        in.data.push_back(value);
        in.data.push_back(static_cast<std::uint8_t>(row));
    }
    request.inputs.push_back(std::move(in));
    return request;
}

/// What such a request gets.
inline Bytes answer_to(std::uint8_t value, std::int64_t rows = 1)
{
    auto bytes = rows_of(value, rows).inputs[0].data;
    for (auto& byte : bytes) ++byte;
    return bytes;
}

}  // namespace inference
