#include "training/executor/tensor_memory.hpp"

#include "training/operators/operator.hpp"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

namespace training {
namespace {

// What vector instructions want, and room for the size in front.
constexpr std::size_t alignment = 64;

std::atomic<std::uint64_t> most_bytes{UINT64_MAX};
std::atomic<std::uint64_t> held_bytes{0};

void give_back(void* data)
{
    if (data == nullptr) return;
    auto* begin = static_cast<std::uint8_t*>(data) - alignment;
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, begin, sizeof bytes);
    held_bytes -= bytes;
    std::free(begin);
}

void take(std::uint64_t bytes)
{
    auto held = held_bytes.load();
    do {
        if (bytes > most_bytes || held > most_bytes - bytes)
            throw OperatorError{OperatorError::Kind::invalid,
                                "needs " + std::to_string(bytes) + " bytes more than the " +
                                    std::to_string(held) + " that tensors hold; they may hold " +
                                    std::to_string(most_bytes.load())};
    } while (!held_bytes.compare_exchange_weak(held, held + bytes));
}

struct BoundAllocator final : c10::Allocator {
    c10::DataPtr allocate(std::size_t bytes) const override
    {
        const auto device = c10::Device{c10::DeviceType::CPU};
        if (bytes == 0) return {nullptr, nullptr, &give_back, device};
        if (bytes > SIZE_MAX / 2) throw std::bad_alloc{};
        take(bytes);
        const auto whole = (bytes + 2 * alignment - 1) / alignment * alignment;
        auto* begin = static_cast<std::uint8_t*>(std::aligned_alloc(alignment, whole));
        if (begin == nullptr) {
            held_bytes -= bytes;
            throw std::bad_alloc{};
        }
        const std::uint64_t size = bytes;
        std::memcpy(begin, &size, sizeof size);
        auto* data = begin + alignment;
        return {data, data, &give_back, device};
    }

    c10::DeleterFnPtr raw_deleter() const override { return &give_back; }
};

}  // namespace

void limit_tensor_memory(std::uint64_t bytes)
{
    static BoundAllocator allocator;  // libtorch keeps a pointer to it
    most_bytes = bytes;
    static const bool known = [] {
        c10::SetCPUAllocator(&allocator, 255);
        return true;
    }();
    static_cast<void>(known);
}

std::uint64_t tensor_memory_held()
{
    return held_bytes;
}

}  // namespace training
