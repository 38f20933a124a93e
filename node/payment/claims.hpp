#pragma once

#include "market/network.hpp"
#include "node/payment/channel_book.hpp"
#include "node/payment/host_identity.hpp"
#include "node/payment/ledger_port.hpp"

#include <chrono>

namespace node {

struct ClaimPolicy {
    market::Amount cap = market::Amount::micros(1'000'000);  ///< claim as soon as so much is open
    std::chrono::milliseconds every{600'000};                ///< ... or so long after the last
    std::chrono::milliseconds retry{30'000};                 ///< after one that failed
    static constexpr std::size_t rows = 64;                  ///< of one message
};

/// Turns what was receipted into claims, and claims whose window is over into settlements: when
/// enough is open, every so often, and at once when a payer starts to withdraw. One claim of a
/// channel at a time. Decides only; the caller submits. One thread at a time.
class ClaimKeeper {
public:
    struct Order {
        market::Message message;
        std::vector<market::ChannelId> channels;
    };

    /// The referred-to must outlive this.
    ClaimKeeper(const market::Network& network, const HostIdentity& host, const LedgerPort& ledger,
                ChannelBook& book, const ClaimPolicy& policy = {});

    /// What to submit now. Call at each new head and every few seconds; each order's channels are
    /// left alone until `finished`.
    std::vector<Order> due(Clock::Steady now);
    /// The order's message was settled, or could not be sent (`lost`).
    void finished(const Order&, Settled, Clock::Steady now);
    /// Claims everything at the next `due`, whatever the policy says: before the host shuts down.
    void claim_all() { all_ = true; }

private:
    struct Watch {
        bool busy = false;
        bool alone = false;          ///< its last message was refused: it shall not spoil another's
        Clock::Steady not_before{};  ///< after a failure
        Clock::Steady last_claim{};
    };
    bool claim_is_due(const Watch&, const market::Channel&, market::Amount open,
                      Clock::Steady now) const;
    Order claim(std::vector<market::ClaimRow> rows, std::vector<market::ChannelId> channels) const;

    const market::Network& network_;
    const HostIdentity& host_;
    const LedgerPort& ledger_;
    ChannelBook& book_;
    ClaimPolicy policy_;
    bool all_ = false;
    std::map<market::ChannelId, Watch> watched_;
};

}  // namespace node
