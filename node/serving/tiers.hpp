#pragma once

#include "ledger/base/amount.hpp"

#include <chrono>
#include <cstdint>

namespace node {

/// What a host gives away of a model that has a price, and sells ahead (market.md 5). Neither is
/// known to the ledger: a pass is paid for like any call, and its calls, as the free ones, burn and
/// mint nothing.
struct Tiers {
    /// Calls of one address in a period that ask for no payment; 0: none.
    struct FreeGrant {
        std::uint64_t calls = 0;
        std::chrono::seconds period{86'400};
    };
    /// What a pass is worth and costs; no calls: none are sold.
    struct Subscription {
        std::uint64_t calls = 0;
        std::chrono::seconds period{2'592'000};
        ledger::Amount price;
    };
    FreeGrant free;
    Subscription subscription;
};

}  // namespace node
