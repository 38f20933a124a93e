#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/codec/json_text.hpp"
#include "node/payment/base64.hpp"
#include "node/payment/x402_wire.hpp"

namespace node::x402 {
namespace {

using ledger::codec::JsonText;

std::string encode(const nlohmann::json& value)
{
    // Texts of strangers never reach these messages unchecked, but a bad byte must not throw.
    const auto text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return to_base64(ledger::as_bytes(text));
}

void write(JsonText& text, const ChannelState& state)
{
    text.begin_object();
    text.member("channelId", state.channel).member("balance", state.balance);
    text.member("totalClaimed", state.total_claimed);
    text.member("withdrawRequestedAt", state.withdraw_requested_at);
    text.member("refundNonce").decimal(state.refund_nonce);
    text.member("chargedCumulativeAmount", state.charged).end_object();
}

void write_extra(JsonText& text, const PaymentResponse& response)
{
    if (!response.charged && !response.channel_state && !response.receipt && !response.record)
        return;
    text.member("extra").begin_object();
    if (response.charged) text.member("chargedAmount", *response.charged);
    if (response.channel_state) write(text.member("channelState"), *response.channel_state);
    if (const auto& made = response.receipt) {
        text.member("receipt").begin_object().members(made->receipt);
        text.member("signature", made->signature).end_object();
    }
    if (response.record) text.member("record", *response.record);
    if (!response.batches.empty()) {
        text.member("batches").begin_array();
        for (const auto& batch : response.batches) {
            text.begin_object().members(batch.receipt);
            text.member("signature", batch.signature).end_object();
        }
        text.end_array();
    }
    text.end_object();
}

void write_served(JsonText& text, const SignedServedCall& served)
{
    const auto& call = served.call;
    text.member("extensions").begin_object().member("offer-receipt").begin_object();
    text.member("info").begin_object().member("receipt").begin_object();
    text.member("format", std::string_view{"eip712"}).member("payload").begin_object();
    text.member("version").number(1).member("network", call.network);
    text.member("resourceUrl", call.url).member("payer", call.payer);
    text.member("issuedAt", call.issued_at).member("transaction", call.transaction).end_object();
    text.member("signature", served.signature).end_object();
    text.end_object().end_object().end_object();
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

nlohmann::json to_json(const ChainState& state)
{
    return {{"chain", ledger::codec::to_json(state.terms)},
            {"signature", ledger::to_hex0x(state.signature.view())},
            {"used", state.used},
            {"link", ledger::to_hex0x(state.link.view())}};
}

nlohmann::json voucher_state_json(Amount max_claimable, const Signature& signature)
{
    return {{"signedMaxClaimable", decimal(max_claimable)},
            {"signature", ledger::to_hex0x(signature.view())}};
}

std::string encode_payment_response(const PaymentResponse& response)
{
    JsonText text{1536};
    text.begin_object();
    text.member("success", response.success).member("transaction", response.transaction);
    text.member("network", response.network);
    if (!response.error_reason.empty()) text.member("errorReason", response.error_reason);
    if (response.payer) text.member("payer").hex0x(response.payer->view());
    if (response.amount) text.member("amount", *response.amount);
    write_extra(text, response);
    if (response.served) write_served(text, *response.served);
    return to_base64(ledger::as_bytes(text.end_object().take()));
}

}  // namespace node::x402
