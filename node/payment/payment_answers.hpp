#pragma once

#include "node/http/response.hpp"
#include "node/payment/channel_book.hpp"
#include "node/payment/offers.hpp"
#include "node/payment/payment_checks.hpp"
#include "node/payment/payment_records.hpp"

namespace node {

/// What the payment machine says to callers. Any thread, if `random` allows it.
class PaymentAnswers {
public:
    /// The referred-to must outlive this.
    PaymentAnswers(const Offers& offers, const HostIdentity& host, ledger::Random& random);

    /// 402 with a fresh offer and the reason.
    Response payment_required(const PaidResource&, ledger::TimeMs wall,
                              std::string_view error) const;
    /// 402 (fresh offer, PAYMENT-RESPONSE with the reason) or another status with an error body.
    Response refused(const PaidResource&, ledger::TimeMs wall, const x402::Refusal&) const;
    /// 402 whose channelState and voucherState, or chainState, let a client that lost count go on.
    /// It has no PAYMENT-RESPONSE: a stock client that sees one does not try to recover.
    Response corrective(const PaidResource&, ledger::TimeMs wall, std::string_view reason,
                        const market::ChannelId&, const Standing&,
                        const std::optional<ChannelRecord>&,
                        const std::optional<OpenChain>& chain = {}) const;
    /// An error body in the form of the path.
    Response error(const PaidResource&, unsigned status, std::string code,
                   std::string message) const;
    /// 202: the ledger has not decided about `transaction`; nothing ran, or nothing is given out.
    Response pending(const ledger::TxId& transaction) const;

    const std::string& network_name() const { return offers_.network_name(); }

private:
    const Offers& offers_;
    const HostIdentity& host_;
    ledger::Random& random_;
};

x402::ChannelState channel_state(const market::ChannelId&, const Standing&, market::Amount charged);

/// Whether stock clients can recover from this reason when told the channel's state.
bool is_corrective(std::string_view reason);

}  // namespace node
