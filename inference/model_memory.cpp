#include "inference/model_memory.hpp"

#include <utility>

namespace inference {

ModelMemory::Share::Share(std::shared_ptr<ModelMemory> memory, std::uint64_t bytes)
    : memory_{std::move(memory)}, bytes_{bytes}
{
}

ModelMemory::Share::~Share()
{
    static_cast<void>(memory_->change(bytes_, 0));
}

ledger::Result<void> ModelMemory::Share::settle(std::uint64_t measured_bytes)
{
    auto done = memory_->change(bytes_, measured_bytes);
    if (done) bytes_ = measured_bytes;
    return done;
}

std::shared_ptr<ModelMemory> ModelMemory::make(std::uint64_t budget_bytes)
{
    return std::shared_ptr<ModelMemory>{new ModelMemory{budget_bytes}};
}

ledger::Result<std::unique_ptr<ModelMemory::Share>> ModelMemory::take(std::uint64_t bytes)
{
    if (const auto done = change(0, bytes); !done) return done.error();
    return std::unique_ptr<Share>{new Share{shared_from_this(), bytes}};
}

std::uint64_t ModelMemory::used_bytes() const
{
    const std::lock_guard lock{mutex_};
    return used_;
}

ledger::Result<void> ModelMemory::change(std::uint64_t from, std::uint64_t to)
{
    const std::lock_guard lock{mutex_};
    const auto others = used_ - from;
    if (to > from && to > budget_ - others)
        return ledger::Error{ledger::ErrorKind::full,
                             std::to_string(to) + " bytes do not fit: of the " +
                                 std::to_string(budget_) + " that models may hold, " +
                                 std::to_string(others) + " are in use"};
    used_ = others + to;
    return {};
}

}  // namespace inference
