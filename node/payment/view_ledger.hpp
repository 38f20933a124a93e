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
    bool nonce_spent(const ledger::Address&, const ledger::Hash& nonce) const override;
    std::vector<DatedSheet> sheets(const market::ModelId&, market::Version) const override;

protected:
    /// The state as of one moment. Any thread.
    virtual std::shared_ptr<const ledger::StateView> state() const = 0;
};

/// The sheet in force at `now` and the one before it, newest first.
std::vector<DatedSheet> dated_sheets(const market::View&, const market::VersionKey&,
                                     ledger::TimeMs now);

}  // namespace node
