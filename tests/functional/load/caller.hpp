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
class ChannelCaller {
public:
    virtual ~ChannelCaller() = default;

    /// Until the node is gone or time is up.
    void pay_for_calls();

protected:
    struct Money {
        ledger::Amount charged;
        ledger::Amount deposited;
        std::string pending = {};  ///< PAYMENT-SIGNATURE sent and not answered
        ledger::Amount pending_deposit;
    };

    /// `name` is of its file among those of `parts`.
    ChannelCaller(const Parts& parts, wallet::x402::Scheme scheme, std::uint64_t lane,
                  const std::string& name);

    virtual std::string next_payment() = 0;
    virtual void save() const = 0;
    /// False when this run is over.
    virtual bool take(const wallet::HttpReply&) = 0;
    virtual void before(const wallet::HttpRequest&) {}

    market::ChannelConfig config() const;
    /// What has to come with a payment that needs so much of the channel.
    std::optional<market::ChannelDeposit> deposit_for(ledger::Amount needed);
    /// An answer that is none a payment should get.
    void fault(const std::string& what, const wallet::HttpReply&,
               const ledger::Result<wallet::x402::Paid, wallet::Failure>&) const;
    /// Counts what a receipt or record says was charged; the payment is answered.
    template <class Record>
    void count(const Record& record)
    {
        if (record.charged_cumulative != money_.charged + record.charged)
            parts_.facts.fault("charged twice: " + std::to_string(money_.charged.micros()) +
                               " and " + std::to_string(record.charged.micros()) + " gave " +
                               std::to_string(record.charged_cumulative.micros()));
        parts_.facts.paid(record);
        money_.charged = record.charged_cumulative;
        money_.deposited = money_.deposited + money_.pending_deposit;
        money_.pending_deposit = {};
        money_.pending.clear();
    }

    const Parts& parts_;
    std::string file_;
    Money money_;
    std::optional<wallet::x402::Offer> offer_;
    nlohmann::json resource_;

private:
    bool ask_for_terms();
    bool send();

    wallet::x402::Scheme scheme_;
    std::uint64_t lane_;
};

/// By vouchers.
class Caller final : public ChannelCaller {
public:
    Caller(const Parts& parts, std::uint64_t lane);

    /// Requests that went wrong on their way, so far.
    std::uint64_t faults() const { return faults_.count(); }

private:
    void load();
    void save() const override;
    std::string next_payment() override;
    bool take(const wallet::HttpReply&) override;
    void before(const wallet::HttpRequest& request) override { faults_.before(request); }

    Faults faults_;
};

}  // namespace load
