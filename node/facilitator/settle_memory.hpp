#pragma once

#include "market/ids.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

namespace node {

/// What this facilitator has sent and for whom. In memory: after a restart a server whose answer
/// was lost is told that its payment was used. Any thread.
class SettleMemory {
public:
    static constexpr std::size_t most = 10'000;  ///< of each kind; beyond that some are forgotten

    /// A payment is settled by one request at a time: false while another is at it.
    bool begin(const ledger::Hash& digest);
    void end(const ledger::Hash& digest);

    /// What was sent for a payment.
    struct Owed {
        ledger::TxId transaction;
        market::Amount amount;
        friend bool operator==(const Owed&, const Owed&) = default;
    };
    /// A payment that was sent, and whose server has not heard what became of it.
    void owe(const ledger::Hash& digest, const Owed&);
    void told(const ledger::Hash& digest);
    /// What was sent for it, while an answer is owed.
    std::optional<Owed> owed(const ledger::Hash& digest) const;

    /// Channels that were claimed here, by whom they pay.
    void claimed(const ledger::Address& receiver, const market::ChannelId&);
    void finalized(const ledger::Address& receiver, const std::vector<market::ChannelId>&);
    std::vector<market::ChannelId> claimed_for(const ledger::Address& receiver) const;

private:
    mutable std::mutex mutex_;
    std::set<ledger::Hash> working_;
    std::map<ledger::Hash, Owed> owed_;
    std::deque<ledger::Hash> owed_order_;
    std::map<ledger::Address, std::set<market::ChannelId>> claimed_;
    std::size_t claimed_count_ = 0;
};

}  // namespace node
