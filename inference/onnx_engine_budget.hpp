#pragma once

#include "inference/onnx_engine_api.hpp"

#include <cstdint>

namespace inference {

/// While it lives, what the library allocates on this thread may not exceed `bytes` at any
/// moment; beyond that the allocation throws std::bad_alloc inside the library, which reports it
/// as a failed run. A model is data, but a node of a few bytes can ask for a tensor of any size.
class MemoryBudget {
public:
    explicit MemoryBudget(std::uint64_t bytes);
    ~MemoryBudget();
    MemoryBudget(const MemoryBudget&) = delete;
    MemoryBudget& operator=(const MemoryBudget&) = delete;

    bool exceeded() const { return exceeded_; }
    /// Allocated since it began and not freed, in bytes.
    std::uint64_t held() const { return held_; }

private:
    friend struct BudgetAllocator;
    std::uint64_t limit_;
    std::uint64_t held_ = 0;
    bool exceeded_ = false;
    MemoryBudget* outer_;
};

/// The allocator that enforces budgets; for Env::RegisterAllocator. Lives as long as the process.
OrtAllocator* budget_allocator();

}  // namespace inference
