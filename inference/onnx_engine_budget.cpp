#include "inference/onnx_engine_budget.hpp"

#include <cstdlib>
#include <new>

namespace inference {
namespace {

thread_local MemoryBudget* current = nullptr;

// ONNX Runtime's kernels want 64 bytes of alignment. malloc and a little arithmetic is faster
// than aligned_alloc, which bypasses glibc's per-thread cache.
constexpr std::size_t alignment = 64;

struct Before {
    void* allocated;
    std::size_t size;
};
static_assert(sizeof(Before) <= alignment);

}  // namespace

struct BudgetAllocator : OrtAllocator {
    BudgetAllocator()
        : OrtAllocator{}, info{Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeDefault)}
    {
        version = ORT_API_VERSION;
        Alloc = [](OrtAllocator*, std::size_t size) { return allocate(size); };
        Reserve = Alloc;
        Free = [](OrtAllocator*, void* pointer) { release(pointer); };
        Info = [](const OrtAllocator* self) -> const OrtMemoryInfo* {
            return static_cast<const BudgetAllocator*>(self)->info;
        };
    }

    static void* allocate(std::size_t size)
    {
        if (current != nullptr) {
            if (size > current->limit_ - current->held_) {
                current->exceeded_ = true;
                throw std::bad_alloc{};
            }
            current->held_ += size;
        }
        if (size > SIZE_MAX - 2 * alignment) throw std::bad_alloc{};
        void* allocated = std::malloc(size + 2 * alignment);
        if (allocated == nullptr) throw std::bad_alloc{};
        const auto address = reinterpret_cast<std::uintptr_t>(allocated);
        const auto aligned = (address + 2 * alignment - 1) & ~(alignment - 1);
        auto* before = reinterpret_cast<Before*>(aligned) - 1;
        *before = {allocated, size};
        return reinterpret_cast<void*>(aligned);
    }

    static void release(void* pointer)
    {
        if (pointer == nullptr) return;
        const auto* before = static_cast<Before*>(pointer) - 1;
        // What was allocated before this budget began does not make it larger.
        if (current != nullptr)
            current->held_ -= before->size < current->held_ ? before->size : current->held_;
        std::free(before->allocated);
    }

    Ort::MemoryInfo info;
};

MemoryBudget::MemoryBudget(std::uint64_t bytes) : limit_{bytes}, outer_{current}
{
    current = this;
}

MemoryBudget::~MemoryBudget()
{
    current = outer_;
}

OrtAllocator* budget_allocator()
{
    static auto* allocator = new BudgetAllocator;  // the library may free into it until the end
    return allocator;
}

}  // namespace inference
