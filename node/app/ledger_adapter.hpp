#pragma once

#include "node/app/newest_values.hpp"
#include "node/core/ledger_service.hpp"
#include "node/payment/view_ledger.hpp"

#include <map>
#include <mutex>

namespace node {

/// The ledger as payments see it, over this node's own service. Its messages go out in a lane of
/// their own, so that a wallet that uses the same account never meets them.
class LedgerAdapter final : public LedgerPort {
public:
    static constexpr ledger::Lane lane{200};
    static constexpr std::uint64_t validity_s = 120;
    /// Channels and versions whose state is kept in memory while no block comes.
    static constexpr std::size_t kept_values = 8192;

    /// `account` sends and pays for what is submitted. The referred-to must outlive this; make it
    /// before the service starts, as it listens to its blocks.
    LedgerAdapter(const market::Network&, const ledger::BlockStore&, LedgerService&,
                  const ledger::SecretKey& account, const Clock&);

    Head head() const override;
    std::optional<market::Channel> channel(const market::ChannelId&) const override;
    ledger::Amount balance(const ledger::Address&) const override;
    std::optional<market::Split> split(const ledger::Address&) const override;
    std::optional<market::Host> host(const ledger::Address&) const override;
    std::optional<ledger::Hash> spent_by(const ledger::Address&,
                                         const ledger::Hash& nonce) const override;
    std::optional<ledger::Hash> permit_spent_by(const ledger::Address&,
                                                const ledger::Hash& nonce) const override;
    std::vector<DatedSheet> sheets(const market::ModelId&, market::Version) const override;
    ledger::Result<ledger::TxId> submit(const market::Message&, Done) override;
    void give_up_late() override;

private:
    struct Sent {
        Done done;
        std::uint64_t valid_until{};
        ledger::Nonce nonce;
    };
    using Outcomes = std::vector<std::pair<Done, Settled>>;
    void take_late(std::uint64_t now_s, Settled::What, Outcomes&);
    ledger::Nonce free_nonce() const;
    void on_block(const FinalBlock&);
    void dropped(const ledger::TxId&);

    const market::Network& network_;
    const ledger::BlockStore& store_;
    LedgerService& service_;
    const ledger::SecretKey& account_;
    const Clock& clock_;
    ledger::Address address_;

    mutable NewestValues<market::ChannelId, std::optional<market::Channel>> channels_{kept_values};
    mutable NewestValues<market::VersionKey, SheetsInForce> sheets_{kept_values};

    std::mutex mutex_;
    std::map<ledger::TxId, Sent> sent_;
};

}  // namespace node
