#include "ledger/base/hex.hpp"
#include "node/payment/base64.hpp"
#include "node/payment/x402_wire.hpp"

namespace node::x402 {
namespace {

std::string encode(const nlohmann::json& value)
{
    // Texts of strangers never reach these messages unchecked, but a bad byte must not throw.
    const auto text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return to_base64(ledger::as_bytes(text));
}

}  // namespace

std::string plain(const Address& address)
{
    return ledger::to_hex0x(address.view());
}

std::string decimal(Amount amount)
{
    return std::to_string(amount.micros());
}

std::string encode_payment_required(const PaymentRequired& required)
{
    nlohmann::json value{{"x402Version", 2},
                         {"error", required.error},
                         {"resource", {{"url", required.url}}},
                         {"accepts", required.accepts}};
    if (!required.extensions.is_null()) value["extensions"] = required.extensions;
    return encode(value);
}

nlohmann::json to_json(const ChannelState& state)
{
    return {{"channelId", ledger::to_hex0x(state.channel.view())},
            {"balance", decimal(state.balance)},
            {"totalClaimed", decimal(state.total_claimed)},
            {"withdrawRequestedAt", state.withdraw_requested_at},
            {"refundNonce", std::to_string(state.refund_nonce)},
            {"chargedCumulativeAmount", decimal(state.charged)}};
}

nlohmann::json voucher_state_json(Amount max_claimable, const Signature& signature)
{
    return {{"signedMaxClaimable", decimal(max_claimable)},
            {"signature", ledger::to_hex0x(signature.view())}};
}

std::string encode_payment_response(const PaymentResponse& response)
{
    nlohmann::json value{{"success", response.success},
                         {"transaction", response.transaction},
                         {"network", response.network}};
    if (!response.error_reason.empty()) value["errorReason"] = response.error_reason;
    if (response.payer) value["payer"] = plain(*response.payer);
    if (response.amount) value["amount"] = decimal(*response.amount);
    if (!response.extra.is_null()) value["extra"] = response.extra;
    if (!response.extensions.is_null()) value["extensions"] = response.extensions;
    return encode(value);
}

}  // namespace node::x402
