// The state transition function: bytes choose transactions, and after every block money, escrow
// and settlements must add up.
#include "tests/support/market_walk.hpp"
#include "ledger/base/ensure.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2 || size > 4'096) return 0;
    const auto* const end = data + size;
    const auto kind = (*data++ & 1) != 0 ? ledger::AssetKind::credit : ledger::AssetKind::coin;
    market::MarketWalk walk{kind, [&](std::uint64_t below) {
                                std::uint64_t value = 0;
                                for (std::uint64_t range = 1; range < below && data != end;
                                     range <<= 8) {
                                    value = value << 8 | *data++;
                                    if (range > below >> 8) break;
                                }
                                return value % below;
                            }};
    while (data != end) walk.block(4);
    walk.check_all();
    ledger::ensure(walk.broken().empty(),
                   walk.broken().empty() ? "" : walk.broken().front().c_str());
    return 0;
}
