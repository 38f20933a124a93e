#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "node/payment/base64.hpp"
#include "node/payment/x402_errors.hpp"
#include "node/payment/x402_wire.hpp"

#include <algorithm>

namespace node::x402 {
namespace {

using nlohmann::json;

/// Reads members and keeps the first thing that is wrong.
class Reader {
public:
    const json& member(const json& from, const char* name)
    {
        static const json nothing;
        if (!from.is_object()) return fail(name, "is missing"), nothing;
        const auto found = from.find(name);
        if (found == from.end()) return fail(name, "is missing"), nothing;
        return *found;
    }

    std::string text(const json& from, const char* name)
    {
        const auto& value = member(from, name);
        if (!value.is_string()) return fail(name, "must be a text"), "";
        return value.get<std::string>();
    }

    std::uint64_t decimal_of(const json& from, const char* name)
    {
        const auto value = text(from, name);
        if (failed()) return 0;
        const bool digits = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
            return c >= '0' && c <= '9';
        });
        const auto number = ledger::codec::parse_decimal(value);
        if (digits && !number && value[0] != '0') return fail(name, "is above 2^64 - 1"), 0;
        if (!number) return fail(name, "must be a decimal number as a text"), 0;
        return *number;
    }

    Amount amount(const json& from, const char* name)
    {
        return Amount::micros(decimal_of(from, name));
    }

    template <class Id>
    Id bytes(const json& from, const char* name)
    {
        const auto value = text(from, name);
        if (failed()) return {};
        const auto id = value.starts_with("0x") && value.size() == 2 + 2 * Id::size
                            ? ledger::id_from_hex<Id>(value)
                            : std::nullopt;
        if (!id) return fail(name, "must be 0x and the hex of its bytes"), Id{};
        return *id;
    }

    Address address(const json& from, const char* name)
    {
        const auto value = text(from, name);
        if (failed()) return {};
        const auto parsed = ledger::parse_address(value);
        if (!parsed) return fail(name, "is no address, or its EIP-55 checksum is wrong"), Address{};
        return *parsed;
    }

    void fail(const char* name, const char* what)
    {
        if (!failed()) error_ = std::string{name} + " " + what;
    }
    bool failed() const { return !error_.empty(); }
    Refusal refusal() const { return {400, "malformed_payment", error_}; }

private:
    std::string error_;
};

market::ChannelConfig read_config(Reader& read, const json& from)
{
    market::ChannelConfig config;
    config.payer = read.address(from, "payer");
    config.payer_authorizer = read.address(from, "payerAuthorizer");
    config.receiver = read.address(from, "receiver");
    config.receiver_authorizer = read.address(from, "receiverAuthorizer");
    config.token = read.address(from, "token");
    const auto& delay = read.member(from, "withdrawDelay");
    if (!delay.is_number_unsigned() || delay.get<std::uint64_t>() >= 1ull << 40)
        read.fail("withdrawDelay", "must be a number of 40 bits");
    else
        config.withdraw_delay = {delay.get<std::uint64_t>()};
    config.salt = read.bytes<Hash>(from, "salt");
    return config;
}

ledger::Result<BatchPayload, Refusal> read_batch(Reader& read, const json& from)
{
    BatchPayload payload;
    const auto type = read.text(from, "type");
    if (read.failed()) return read.refusal();
    if (type == "deposit")
        payload.type = PayloadType::deposit;
    else if (type == "voucher")
        payload.type = PayloadType::voucher;
    else if (type == "refund")
        payload.type = PayloadType::refund;
    else
        return Refusal{402, std::string{payload_type}};

    payload.config = read_config(read, read.member(from, "channelConfig"));
    const auto& voucher = read.member(from, "voucher");
    payload.channel = read.bytes<ChannelId>(voucher, "channelId");
    payload.max_claimable = read.amount(voucher, "maxClaimableAmount");
    payload.signature = read.bytes<Signature>(voucher, "signature");

    if (payload.type == PayloadType::deposit) {
        const auto& deposit = read.member(from, "deposit");
        const auto& authorization = read.member(deposit, "authorization");
        if (read.failed()) return read.refusal();
        if (!authorization.is_object() || !authorization.contains("erc3009Authorization"))
            return Refusal{402, std::string{erc3009_authorization_required}};
        const auto& erc3009 = authorization["erc3009Authorization"];
        market::ChannelDeposit made;
        made.config = payload.config;
        made.amount = read.amount(deposit, "amount");
        made.valid_after = read.decimal_of(erc3009, "validAfter");
        made.valid_before = read.decimal_of(erc3009, "validBefore");
        made.salt = read.bytes<Hash>(erc3009, "salt");
        made.signature = read.bytes<Signature>(erc3009, "signature");
        payload.deposit = made;
    }
    if (payload.type == PayloadType::refund && from.contains("amount")) {
        Reader own;
        payload.refund_amount = own.amount(from, "amount");
        if (own.failed() || payload.refund_amount->is_zero())
            return Refusal{402, std::string{refund_amount_invalid}};
    }
    if (read.failed()) return read.refusal();
    return payload;
}

market::TransferWithAuth read_exact(Reader& read, const json& from)
{
    const auto& authorization = read.member(from, "authorization");
    market::TransferWithAuth transfer;
    transfer.from = read.address(authorization, "from");
    transfer.to = read.address(authorization, "to");
    transfer.value = read.amount(authorization, "value");
    transfer.valid_after = read.decimal_of(authorization, "validAfter");
    transfer.valid_before = read.decimal_of(authorization, "validBefore");
    transfer.nonce = read.bytes<Hash>(authorization, "nonce");
    transfer.signature = read.bytes<Signature>(from, "signature");
    return transfer;
}

/// The id a client chose, if it chose one; what is not of the extension's form is malformed.
ledger::Result<std::optional<std::string>, Refusal> read_payment_id(const json& root)
{
    using Id = std::optional<std::string>;
    const auto extensions = root.find("extensions");
    if (extensions == root.end() || !extensions->is_object()) return Id{};
    const auto extension = extensions->find("payment-identifier");
    if (extension == extensions->end() || !extension->is_object()) return Id{};
    const auto info = extension->find("info");
    if (info == extension->end() || !info->is_object() || !info->contains("id")) return Id{};
    const auto& id = (*info)["id"];
    if (!id.is_string() || !valid_payment_id(id.get_ref<const std::string&>()))
        return Refusal{400, "malformed_payment_id",
                       "a payment identifier is 16 to 128 letters, digits, - and _"};
    return Id{id.get<std::string>()};
}

}  // namespace

bool valid_payment_id(std::string_view id)
{
    return id.size() >= 16 && id.size() <= 128 && std::all_of(id.begin(), id.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
           });
}

ledger::Result<Payment, Refusal> decode_payment(std::string_view header)
{
    if (header.size() > WireLimits::header_bytes)
        return Refusal{400, "malformed_payment", "PAYMENT-SIGNATURE is longer than 16 KiB"};
    const auto bytes = from_base64(header);
    if (!bytes)
        return Refusal{400, "malformed_payment", "PAYMENT-SIGNATURE is not base64 with padding"};
    const auto root = ledger::codec::parse_json(ledger::as_text(*bytes),
                                                {WireLimits::header_bytes, WireLimits::depth});
    if (!root)
        return Refusal{400, "malformed_payment", "PAYMENT-SIGNATURE: " + root.error().detail};

    Reader read;
    const auto& version = read.member(*root, "x402Version");
    if (!version.is_number_unsigned() || version.get<std::uint64_t>() != 2)
        read.fail("x402Version", "must be 2");
    Payment payment;
    payment.accepted = read.member(*root, "accepted");
    payment.amount = read.amount(payment.accepted, "amount");
    const auto scheme = read.text(payment.accepted, "scheme");
    const auto& payload = read.member(*root, "payload");
    if (read.failed()) return read.refusal();

    if (scheme == "batch-settlement") {
        auto batch = read_batch(read, payload);
        if (!batch) return batch.error();
        payment.payload = std::move(*batch);
    } else if (scheme == "exact") {
        payment.payload = read_exact(read, payload);
    } else {
        return Refusal{402, std::string{unsupported_scheme}};
    }
    if (read.failed()) return read.refusal();

    auto id = read_payment_id(*root);
    if (!id) return id.error();
    payment.payment_id = std::move(*id);
    return payment;
}

}  // namespace node::x402
