#pragma once

#include "node/payment/offers.hpp"
#include "node/payment/single_payment.hpp"

/// The rules a payment must pass before anything is read or run (market.md 4, step 2), in the
/// order in which they are asked. Pure; any thread.
namespace node {

using Check = ledger::Result<void, x402::Refusal>;

struct CheckLimits {
    /// Of a chain: how many a call may have to hash, so that a unit is not too small.
    static constexpr std::uint64_t links_per_call = 256;
    /// A withdrawal that ends sooner than this ends new calls on its channel.
    std::uint64_t withdrawal_margin_ms = 60'000;
    /// An authorization must outlive its way into a block.
    std::uint64_t authorization_margin_s = 6;
};

/// Token, receiver, receiver authorizer, withdraw delay, channel id, signature: whatever needs no
/// state.
Check check_channel(const market::Network&, const HostIdentity&, const OfferTerms&, const Taken&,
                    const x402::BatchPayload&);

/// The first four of these.
Check check_config(const market::Network&, const HostIdentity&, const OfferTerms&, const Taken&,
                   const market::ChannelConfig&);

/// The last two of these.
Check check_voucher(const market::Network&, const x402::BatchPayload&);

/// A channel as the ledger has it, with what the node knows on top.
struct Standing {
    std::optional<market::Channel> on_ledger;
    market::Amount ledger_total;  ///< claimed, pending included
    market::Amount charged;       ///< at least `ledger_total`
    market::Amount balance() const { return on_ledger ? on_ledger->balance : market::Amount{}; }
};
/// What the ledger counts as claimed, a pending claim included.
market::Amount claimed_total(const std::optional<market::Channel>&);

/// Whether `max_claimable` is exactly one `amount` above what was charged. A refund's amount is 0.
Check check_ceiling(const Standing&, market::Amount max_claimable, market::Amount amount);

/// Whether balance and `deposit` cover the ceiling, and no withdrawal takes it away.
Check check_cover(const Standing&, market::Amount max_claimable, market::Amount deposit,
                  ledger::TimeMs now, const CheckLimits&);

/// A deposit that the node would relay: amount, window, signature, the payer's balance.
/// Its nonce must be unspent; the caller has asked.
Check check_deposit(const market::Network&, const LedgerPort&, const OfferTerms&,
                    const market::ChannelDeposit&, const CheckLimits&);

/// A payment for one call, but for whether its nonce is spent.
Check check_single(const market::Network&, const LedgerPort&, const OfferTerms&, const Taken&,
                   const SinglePayment&, const CheckLimits&);

}  // namespace node
