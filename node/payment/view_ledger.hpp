#pragma once

#include "market/state/state.hpp"
#include "node/payment/ledger_port.hpp"

#include <memory>

namespace node {

/// The reads of a LedgerPort over the newest final state; `head` and `submit` are left to whoever
/// owns the chain. Reads throw ledger::StateFault when stored state cannot be read.
class ViewLedger : public LedgerPort {
public:
    std::optional<market::Channel> channel(const market::ChannelId&) const override;
    ledger::Amount balance(const ledger::Address&) const override;
    std::optional<market::Split> split(const ledger::Address&) const override;
    std::optional<market::Host> host(const ledger::Address&) const override;
    std::optional<ledger::Hash> spent_by(const ledger::Address&,
                                         const ledger::Hash& nonce) const override;
    std::optional<ledger::Hash> permit_spent_by(const ledger::Address&,
                                                const ledger::Hash& nonce) const override;
    std::vector<DatedSheet> sheets(const market::ModelId&, market::Version) const override;

protected:
    /// The state as of one moment. Any thread.
    virtual std::shared_ptr<const ledger::StateView> state() const = 0;
};

/// The sheet in force at a time and the one before it, newest first.
struct SheetsInForce {
    std::vector<DatedSheet> sheets;  ///< empty before the version's beginning
    /// From here on the same state gives another answer; never when nothing is announced.
    std::uint64_t until_ms = ~std::uint64_t{0};

    /// Whether the same state gives this answer at `now` too.
    bool hold(ledger::TimeMs now) const
    {
        return (sheets.empty() || sheets.front().from_ms <= now.value) && now.value < until_ms;
    }
};
SheetsInForce sheets_in_force(const market::View&, const market::VersionKey&, ledger::TimeMs now);

}  // namespace node
