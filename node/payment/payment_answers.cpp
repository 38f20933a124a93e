#include "node/payment/payment_answers.hpp"

#include "ledger/base/hex.hpp"
#include "node/http/http_error.hpp"
#include "node/payment/x402_errors.hpp"

namespace node {
namespace {

constexpr auto expose = "PAYMENT-REQUIRED, PAYMENT-RESPONSE";

Response offer_again(std::string value)
{
    return Response::json(402, "{}")
        .with("PAYMENT-REQUIRED", std::move(value))
        .with("Access-Control-Expose-Headers", expose)
        .with("Cache-Control", "no-store");
}

}  // namespace

PaymentAnswers::PaymentAnswers(const Offers& offers, const HostIdentity& host,
                               ledger::Random& random)
    : offers_{offers}, host_{host}, random_{random}
{
}

Response PaymentAnswers::payment_required(const PaidResource& resource, ledger::TimeMs wall,
                                          std::string_view error) const
{
    auto accepts = offers_.make(resource, random_);
    auto extensions = offers_.extensions(accepts, resource, wall);
    return offer_again(x402::encode_payment_required(
        {std::string{error}, resource.url, std::move(accepts), std::move(extensions)}));
}

Response PaymentAnswers::refused(const PaidResource& resource, ledger::TimeMs wall,
                                 const x402::Refusal& refusal) const
{
    if (refusal.status != 402)
        return error(resource, refusal.status, refusal.reason, refusal.message);
    x402::PaymentResponse response;
    response.success = false;
    response.error_reason = refusal.reason;
    response.network = offers_.network_name();
    return payment_required(resource, wall, refusal.reason)
        .with("PAYMENT-RESPONSE", x402::encode_payment_response(response));
}

Response PaymentAnswers::corrective(const PaidResource& resource, ledger::TimeMs wall,
                                    std::string_view reason, const market::ChannelId& channel,
                                    const Standing& standing,
                                    const std::optional<ChannelRecord>& record,
                                    const std::optional<OpenChain>& chain) const
{
    auto accepts = offers_.make(resource, random_);
    auto extensions = offers_.extensions(accepts, resource, wall);
    auto& extra = accepts[0]["extra"];
    extra["channelState"] = x402::to_json(channel_state(channel, standing, standing.charged));
    // A client checks that what it signed covers what was charged; else the ledger's count rules.
    if (record && record->voucher_max >= standing.charged)
        extra["voucherState"] =
            x402::voucher_state_json(record->voucher_max, record->voucher_signature);
    auto& of_chain = accepts.back()["extra"];
    of_chain["channelState"] = extra["channelState"];
    if (chain) {
        const auto& [config, signed_chain, links, used_link] = *chain;
        of_chain["chainState"] = x402::to_json(
            x402::ChainState{signed_chain.terms, signed_chain.signature, links.used, used_link});
    }
    return offer_again(x402::encode_payment_required(
        {std::string{reason}, resource.url, std::move(accepts), std::move(extensions)}));
}

Response PaymentAnswers::error(const PaidResource& resource, unsigned status, std::string code,
                               std::string message) const
{
    return error_response(resource.path, {status, std::move(code), std::move(message)});
}

Response PaymentAnswers::pending(const ledger::TxId& transaction) const
{
    const nlohmann::json body{{"status", "settlement_pending"},
                              {"transaction", ledger::to_hex0x(transaction.view())}};
    return Response::json(202, body.dump())
        .with("Retry-After", "1")
        .with("Cache-Control", "no-store");
}

x402::ChannelState channel_state(const market::ChannelId& channel, const Standing& standing,
                                 market::Amount charged)
{
    x402::ChannelState state;
    state.channel = channel;
    state.charged = charged;
    if (const auto& known = standing.on_ledger) {
        state.balance = known->balance;
        state.total_claimed = known->total_claimed;
        state.refund_nonce = known->refund_nonce;
        if (known->withdraw) {
            const auto delay_ms = known->config.withdraw_delay.value * 1000;
            const auto end = known->withdraw->end_ms;
            state.withdraw_requested_at = (end > delay_ms ? end - delay_ms : 0) / 1000;
        }
    }
    return state;
}

bool is_corrective(std::string_view reason)
{
    return reason == x402::cumulative_amount_mismatch || reason == x402::cumulative_below_claimed ||
           reason == x402::chain_index || reason == x402::chain_unknown;
}

}  // namespace node
