#pragma once

#include "market/network.hpp"
#include "market/receipt.hpp"

namespace market {

/// What a rule may know besides the state: where it runs, when (block time), and for whom.
struct Context {
    const Network& network;
    Height height;
    TimeMs now;
    Address sender;
    TxId tx;
    std::vector<Event>& events;

    const ledger::Parameters& params() const { return network.params(); }
    std::uint64_t now_ms() const { return now.value; }
    std::uint64_t now_s() const { return now.value / 1000; }
    /// Days since the epoch, which quotas are of.
    std::uint64_t today() const { return now.value / 86'400'000; }

    void emit(EventKind kind, const Address& account, Amount amount = {},
              const Hash& subject = {}) const
    {
        events.push_back({kind, subject, account, amount});
    }
};

}  // namespace market
