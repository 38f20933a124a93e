#include "node/serving/spread.hpp"

#include "ledger/base/ensure.hpp"

namespace node {

std::uint64_t Spread::point()
{
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;  // 2^64 / φ
    return calls_.fetch_add(1, std::memory_order_relaxed) * golden;
}

std::size_t Spread::next(std::span<const market::AliasTarget> targets)
{
    ledger::ensure(!targets.empty(), "calls are spread over something");
    std::uint64_t total = 0;
    for (const auto& target : targets) total += target.weight;
    // At most 8 weights of 32 bits: 29 bits of the point keep the product within 64.
    auto place = ((point() >> 35) * total) >> 29;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        if (place < targets[i].weight) return i;
        place -= targets[i].weight;
    }
    return targets.size() - 1;
}

bool Spread::next_of(std::uint32_t percent)
{
    return (point() >> 32) * 100 >> 32 < percent;
}

}  // namespace node
