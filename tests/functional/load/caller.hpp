#pragma once

#include "tests/functional/load/facts.hpp"
#include "tests/functional/load/faults.hpp"

#include "wallet/client/ledger_client.hpp"
#include "wallet/client/x402.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace load {

/// What a deposit covers.
constexpr std::uint64_t calls_per_deposit = 200;

struct Parts {
    const wallet::LedgerClient& client;
    wallet::SharedNetwork network;
    const ledger::SecretKey& key;
    Facts& facts;
    std::string target;  ///< path of the infer route
    std::string body;
    std::string folder;
    std::function<bool()> over;
    unsigned fault_rate = 0;  ///< of a hundred calls so many go wrong on their way first
    std::uint64_t fault_seed = 0;

    /// The call, with PAYMENT-SIGNATURE where `payment` is not empty.
    wallet::HttpRequest request(const std::string& payment) const;

    std::uint64_t now_s() const
    {
        return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(
                                              std::chrono::system_clock::now().time_since_epoch())
                                              .count());
    }
};

/// Pays for one call after the other on a channel of its own. Believes nothing the node says about
/// its count: charged is what the receipts it has seen add up to.
class Caller {
public:
    Caller(const Parts& parts, std::uint64_t lane);

    /// Until the node is gone or time is up.
    void pay_for_calls();
    /// Requests that went wrong on their way, so far.
    std::uint64_t faults() const { return faults_.count(); }

private:
    struct State {
        ledger::Amount charged;
        ledger::Amount deposited;
        std::string pending;  ///< PAYMENT-SIGNATURE sent and not answered
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
    Faults faults_;
    State state_;
    std::optional<wallet::x402::Offer> offer_;
    nlohmann::json resource_;
};

}  // namespace load
