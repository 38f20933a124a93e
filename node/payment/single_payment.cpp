#include "node/payment/single_payment.hpp"

#include "market/signing.hpp"
#include "node/payment/x402_errors.hpp"

namespace node {

using x402::Scheme;

SinglePayment::SinglePayment(const market::Network& network,
                             const market::TransferWithAuth& transfer)
    : scheme{Scheme::exact},
      payer{transfer.from},
      pay_to{transfer.to},
      nonce{transfer.nonce},
      most{transfer.value},
      valid_after{transfer.valid_after == ~0ULL ? ~0ULL : transfer.valid_after + 1},
      valid_before{transfer.valid_before},
      signature{transfer.signature},
      digest{market::transfer_authorization_digest(network, transfer)},
      message{transfer}
{
}

SinglePayment::SinglePayment(const market::Network& network, const market::PermitSettle& permit)
    : scheme{Scheme::upto},
      payer{permit.from},
      pay_to{permit.witness.to},
      nonce{permit.nonce},
      most{permit.permitted.amount},
      valid_after{permit.witness.valid_after},
      valid_before{permit.deadline == ~0ULL ? ~0ULL : permit.deadline + 1},
      signature{permit.signature},
      digest{market::permit_digest(network, permit)},
      message{permit}
{
}

market::Message SinglePayment::settled_at(market::Amount charged) const
{
    auto made = message;
    if (auto* permit = std::get_if<market::PermitSettle>(&made)) permit->actual = charged;
    return made;
}

std::optional<ledger::Hash> spent_by(const LedgerPort& ledger, Scheme scheme,
                                     const ledger::Address& payer, const ledger::Hash& nonce)
{
    return scheme == Scheme::upto ? ledger.permit_spent_by(payer, nonce)
                                  : ledger.spent_by(payer, nonce);
}

const SingleReasons& reasons_of(Scheme scheme)
{
    static constexpr SingleReasons exact{x402::exact_signature,
                                         x402::exact_nonce_already_used,
                                         x402::exact_recipient_mismatch,
                                         x402::exact_value_mismatch,
                                         x402::exact_valid_after,
                                         x402::exact_valid_before,
                                         x402::exact_insufficient_balance,
                                         x402::exact_transaction_failed};
    static constexpr SingleReasons upto{x402::upto_signature,
                                        x402::upto_nonce_already_used,
                                        x402::upto_recipient_mismatch,
                                        x402::upto_amount_mismatch,
                                        x402::upto_not_yet_valid,
                                        x402::upto_deadline_expired,
                                        x402::upto_insufficient_balance,
                                        x402::upto_transaction_failed};
    return scheme == Scheme::upto ? upto : exact;
}

}  // namespace node
