#pragma once

#include "tests/functional/load/caller.hpp"

namespace load {

/// Pays for one call after the other by links of hash chains on a channel of its own, which end
/// now and then. Like `Caller` it counts for itself.
class ChainCaller {
public:
    ChainCaller(const Parts& parts, std::uint64_t lane);

    /// Until the node is gone or time is up.
    void pay_for_calls();

private:
    struct State {
        ledger::Amount charged;
        ledger::Amount deposited;
        market::ChainTerms terms;
        ledger::Hash seed;
        std::uint32_t used{};
        bool opened = false;
        std::string pending = {};  ///< PAYMENT-SIGNATURE sent and not answered
        ledger::Amount pending_deposit;
    };

    void load();
    void save() const;
    bool ask_for_terms();
    std::string next_payment();
    /// False when this run is over.
    bool send();
    bool take(const wallet::HttpReply&);

    const Parts& parts_;
    std::uint64_t lane_;
    std::string file_;
    State state_;
    std::optional<wallet::x402::Offer> offer_;
    nlohmann::json resource_;
};

}  // namespace load
