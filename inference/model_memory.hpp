#pragma once

#include "ledger/base/result.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace inference {

/// One allowance of bytes for what all loaded models hold, beside what their runs need
/// (LoadOptions::run_bytes). Any thread may use it.
class ModelMemory : public std::enable_shared_from_this<ModelMemory> {
public:
    /// A part of the allowance; given back when it goes. Keeps the allowance alive.
    class Share {
    public:
        ~Share();
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;

        std::uint64_t bytes() const { return bytes_; }
        /// Once it is known what is really held. `full` when that is not left; then nothing has
        /// changed.
        ledger::Result<void> settle(std::uint64_t measured_bytes);

    private:
        friend class ModelMemory;
        Share(std::shared_ptr<ModelMemory> memory, std::uint64_t bytes);
        std::shared_ptr<ModelMemory> memory_;
        std::uint64_t bytes_;
    };

    static std::shared_ptr<ModelMemory> make(std::uint64_t budget_bytes);

    /// `full` when so much is not left; the error says how much is.
    ledger::Result<std::unique_ptr<Share>> take(std::uint64_t bytes);

    std::uint64_t budget_bytes() const { return budget_; }
    std::uint64_t used_bytes() const;

private:
    explicit ModelMemory(std::uint64_t budget_bytes) : budget_{budget_bytes} {}
    ledger::Result<void> change(std::uint64_t from, std::uint64_t to);

    const std::uint64_t budget_;
    mutable std::mutex mutex_;
    std::uint64_t used_ = 0;
};

}  // namespace inference
