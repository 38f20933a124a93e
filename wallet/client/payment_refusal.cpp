#include "wallet/client/payment_refusal.hpp"

#include "wallet/amount_text.hpp"

namespace wallet {
namespace {

/// The host's reason in words, where people can do something about it.
std::string in_words(const std::string& reason)
{
    if (reason.ends_with("insufficient_balance"))
        return "the account has too little for the payment; see: millrace balance";
    if (reason.ends_with("cumulative_exceeds_balance"))
        return "the channel holds too little for this call; raise --deposit";
    if (reason.ends_with("deposit_below_min_deposit"))
        return "the deposit is below the host's least one; raise --deposit";
    if (reason.ends_with("withdrawal_ending")) return "a withdrawal from the channel is under way";
    if (reason.ends_with("channel_busy"))
        return "another call on this channel is under way; try again";
    if (reason.ends_with("nonce_already_used") || reason == "permit2_invalid_nonce")
        return "this payment was made before, and its answer is no longer kept";
    return "the host refused the payment";
}

}  // namespace

Outcome<void> check_price(const x402::Offer& offer, const PaymentTerms& terms)
{
    if (offer.amount <= terms.most) return {};
    return Failure{Fault::payment_refused, "the call may cost " + to_tokens(offer.amount) +
                                               ", more than --max-price " + to_tokens(terms.most)};
}

Failure unverified(const std::string& what)
{
    return {Fault::unverified, what};
}

Failure payment_refused(const HttpReply& reply, const std::string& error)
{
    std::string reason = error;
    if (const auto header = reply.header("PAYMENT-RESPONSE"))
        if (const auto paid = x402::read_response(*header); paid && !paid->error_reason.empty())
            reason = paid->error_reason;
    return {Fault::payment_refused,
            in_words(reason) + " (" + reason + ")",
            {{"httpStatus", reply.status}, {"reason", reason}}};
}

}  // namespace wallet
