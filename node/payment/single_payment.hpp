#pragma once

#include "market/network.hpp"
#include "node/payment/ledger_port.hpp"
#include "node/payment/x402_wire.hpp"

namespace node {

/// What pays for one call alone: an authorized transfer of scheme exact, or a permit of scheme
/// upto. Pure; any thread.
struct SinglePayment {
    x402::Scheme scheme = x402::Scheme::exact;
    ledger::Address payer;
    ledger::Address pay_to;
    ledger::Hash nonce;
    market::Amount most;           ///< a transfer moves all of it
    std::uint64_t valid_after{};   ///< first second at which it can settle
    std::uint64_t valid_before{};  ///< first second at which it no longer can
    market::Signature signature;
    ledger::Hash digest;      ///< what the payer signed
    market::Message message;  ///< as it came; a permit's `actual` is 0

    SinglePayment() = default;
    SinglePayment(const market::Network&, const market::TransferWithAuth&);
    SinglePayment(const market::Network&, const market::PermitSettle&);

    /// What to send to the ledger. `charged` is `most` in scheme exact.
    market::Message settled_at(market::Amount charged) const;
};

/// Digest of the payment that used this nonce of scheme `scheme`, as LedgerPort has it.
std::optional<ledger::Hash> spent_by(const LedgerPort&, x402::Scheme scheme,
                                     const ledger::Address& payer, const ledger::Hash& nonce);

/// What a scheme calls the ways in which such a payment fails, as the x402 packages do.
struct SingleReasons {
    std::string_view signature;
    std::string_view nonce_used;
    std::string_view recipient;
    std::string_view amount;
    std::string_view not_yet_valid;
    std::string_view expired;
    std::string_view balance;
    std::string_view transaction_failed;
};
const SingleReasons& reasons_of(x402::Scheme scheme);

}  // namespace node
