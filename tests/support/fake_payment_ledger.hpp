#pragma once

#include "market/network.hpp"
#include "node/payment/ledger_port.hpp"

#include <deque>
#include <map>
#include <set>

namespace node {

/// A ledger that does what the channel rules say, when the test says so: messages wait until
/// `settle_next`. Not for several threads at once.
class FakePaymentLedger : public LedgerPort {
public:
    explicit FakePaymentLedger(const market::Network& network) : network_{network} {}

    Head head() const override { return head_; }
    std::optional<market::Channel> channel(const market::ChannelId& id) const override;
    ledger::Amount balance(const ledger::Address& account) const override;
    std::optional<market::Split> split(const ledger::Address& address) const override;
    std::optional<market::Host> host(const ledger::Address& account) const override;
    std::optional<ledger::Hash> spent_by(const ledger::Address&,
                                         const ledger::Hash& nonce) const override;
    std::optional<ledger::Hash> permit_spent_by(const ledger::Address&,
                                                const ledger::Hash& nonce) const override;
    std::vector<DatedSheet> sheets(const market::ModelId&, market::Version) const override;
    ledger::Result<ledger::TxId> submit(const market::Message& message, Done done) override;

    /// Applies the oldest waiting message, or loses it; false when there is none.
    bool settle_next(bool lose = false);
    /// Gives up whatever waits, as a node does whose disk is full: it waits on elsewhere.
    void halt();
    void settle_all()
    {
        while (settle_next()) {
        }
    }
    std::size_t waiting() const { return waiting_.size(); }
    /// Forgets who waits for the messages, as a node that crashed does; the messages stay.
    void forget_waiters();

    Head head_{{1}, {1'767'225'600'000}, true};
    bool refuse_submissions = false;
    std::function<void()> on_submit;  ///< told once a message waits
    std::map<market::ChannelId, market::Channel> channels;
    std::map<ledger::Address, ledger::Amount> balances;
    std::map<ledger::Address, market::Split> splits;
    std::map<ledger::Address, market::Host> hosts;
    std::map<std::pair<ledger::Address, ledger::Hash>, ledger::Hash> spent;  ///< by which digest
    std::map<std::pair<ledger::Address, ledger::Hash>, ledger::Hash> spent_permits;
    ledger::Address sender;  ///< of all that is submitted
    std::map<std::pair<market::ModelId, market::Version>, std::vector<DatedSheet>> prices;
    std::set<std::pair<market::ChannelId, ledger::Hash>> chains;  ///< claimed by; with their roots
    std::uint64_t w_disp_ms = 2000;
    std::map<ledger::Address, ledger::Amount> earned;  ///< by split address
    std::vector<market::Message> applied;
    std::vector<std::pair<market::Message, market::Rejection>> refused;

private:
    struct Waiting {
        market::Message message;
        Done done;
    };
    market::Rejection apply(const market::Message& message);
    market::Rejection deposit(const market::ChannelDeposit&);
    market::Rejection claim(const market::ChannelClaim&);
    market::Rejection chain_claim(const market::ChannelChainClaim&);
    bool uses_add_up(const ledger::Address& receiver, const std::vector<market::VersionUse>&,
                     ledger::Amount added) const;
    market::Rejection finalize(const market::ChannelFinalize&);
    market::Rejection refund(const market::ChannelRefund&);
    market::Rejection transfer(const market::TransferWithAuth&);
    market::Rejection permit(const market::PermitSettle&);
    bool window_holds(std::uint64_t after, std::uint64_t before) const;

    const market::Network& network_;
    std::deque<Waiting> waiting_;
    std::uint64_t sent_ = 0;
};

}  // namespace node
