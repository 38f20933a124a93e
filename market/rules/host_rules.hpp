#pragma once

#include "market/messages/host.hpp"
#include "market/state/money.hpp"

/// Hosts: who serves models, with what bond and which keys (market.md 3).
namespace market {

struct HostLimits {
    /// Keys on record, those included that have retired but still hold.
    static constexpr std::size_t keys = 32;
};

Verdict apply(State&, const Context&, const HostRegister&);
Verdict apply(State&, const Context&, const HostKey&);
Verdict apply(State&, const Context&, const HostUnbond&);
/// Removes the host with its keys; the bond and the byte deposits return.
Verdict apply(State&, const Context&, const HostUnbondFinal&);

/// May sign for new channels.
bool key_active(const View&, const Address& host, const Address& key);
/// Active, or retired less than twice the dispute window ago: may claim, refund, sign receipts.
bool key_holds(const View&, const Context&, const Address& host, const Address& key);
/// Could open a channel at `opened_ms`: only such a key may ever claim from it.
bool key_was_active(const View&, const Address& host, const Address& key, std::uint64_t opened_ms);

/// Takes new agreements and deposits: registered, not unbonding, with the whole least bond.
bool host_serves(const View&, const Context&, const Address& host);
/// Why it does not: not_a_host, host_is_unbonding or bond_too_small.
Verdict check_host_serves(const View&, const Context&, const Address& host);
/// May claim: with the least bond and, once it unbonds, until two dispute windows before the end.
bool host_may_claim(const View&, const Context&, const Address& host);

/// Makes `key` an active key of the host `context.sender`, and forgets keys that hold no more.
Verdict add_host_key(State&, const Context&, const Address& key);

}  // namespace market
