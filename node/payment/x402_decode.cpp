#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "node/payment/base64.hpp"
#include "node/payment/x402_errors.hpp"
#include "node/payment/x402_reader.hpp"

#include <algorithm>

namespace node::x402 {
namespace {

market::ChannelConfig read_config(Reader& read, const std::optional<Json>& from)
{
    market::ChannelConfig config;
    config.payer = read.address(from, "payer");
    config.payer_authorizer = read.address(from, "payerAuthorizer");
    config.receiver = read.address(from, "receiver");
    config.receiver_authorizer = read.address(from, "receiverAuthorizer");
    config.token = read.address(from, "token");
    const auto delay = as_number(read.member(from, "withdrawDelay"));
    if (!delay || *delay >= 1ull << 40)
        read.fail("withdrawDelay", "must be a number of 40 bits");
    else
        config.withdraw_delay = {*delay};
    config.salt = read.bytes<Hash>(from, "salt");
    return config;
}

using Deposit = std::optional<market::ChannelDeposit>;

/// Empty when the authorization is of another kind than ERC-3009.
ledger::Result<Deposit, Refusal> read_deposit(Reader& read, const std::optional<Json>& from,
                                              const market::ChannelConfig& config)
{
    const auto deposit = read.member(from, "deposit");
    const auto authorization = read.member(deposit, "authorization");
    if (read.failed()) return read.refusal();
    const auto erc3009 = Reader::find(authorization, "erc3009Authorization");
    if (!erc3009) return Refusal{402, std::string{erc3009_authorization_required}};
    market::ChannelDeposit made;
    made.config = config;
    made.amount = read.amount(deposit, "amount");
    made.valid_after = read.decimal_of(erc3009, "validAfter");
    made.valid_before = read.decimal_of(erc3009, "validBefore");
    made.salt = read.bytes<Hash>(erc3009, "salt");
    made.signature = read.bytes<Signature>(erc3009, "signature");
    return Deposit{made};
}

ledger::Result<BatchPayload, Refusal> read_batch(Reader& read, const std::optional<Json>& from)
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
    const auto voucher = read.member(from, "voucher");
    payload.channel = read.bytes<ChannelId>(voucher, "channelId");
    payload.max_claimable = read.amount(voucher, "maxClaimableAmount");
    payload.signature = read.bytes<Signature>(voucher, "signature");

    if (payload.type == PayloadType::deposit) {
        auto deposit = read_deposit(read, from, payload.config);
        if (!deposit) return deposit.error();
        payload.deposit = std::move(*deposit);
    }
    if (payload.type == PayloadType::refund && Reader::find(from, "amount")) {
        Reader own;
        payload.refund_amount = own.amount(from, "amount");
        if (own.failed() || payload.refund_amount->is_zero())
            return Refusal{402, std::string{refund_amount_invalid}};
    }
    if (read.failed()) return read.refusal();
    return payload;
}

std::uint32_t read_count(Reader& read, const std::optional<Json>& from, const char* name)
{
    const auto number = as_number(read.member(from, name));
    if (!number || *number > ~std::uint32_t{0}) return read.fail(name, "must be a number"), 0;
    return static_cast<std::uint32_t>(*number);
}

ledger::Result<ChainPayload, Refusal> read_chain(Reader& read, const std::optional<Json>& from)
{
    ChainPayload payload;
    payload.channel = read.bytes<ChannelId>(from, "channelId");
    payload.index = read_count(read, from, "index");
    payload.link = read.bytes<Hash>(from, "link");
    const auto chain = Reader::find(from, "chain");
    if (chain) {
        auto& opening = payload.opening.emplace();
        opening.config = read_config(read, read.member(from, "channelConfig"));
        opening.terms.base = read.amount(chain, "base");
        opening.terms.unit = read.amount(chain, "unit");
        opening.terms.length = read_count(read, chain, "length");
        opening.terms.root = read.bytes<Hash>(chain, "root");
        opening.signature = read.bytes<Signature>(from, "signature");
        if (Reader::find(from, "deposit")) {
            auto deposit = read_deposit(read, from, opening.config);
            if (!deposit) return deposit.error();
            opening.deposit = std::move(*deposit);
        }
    }
    if (read.failed()) return read.refusal();
    return payload;
}

market::TransferWithAuth read_exact(Reader& read, const std::optional<Json>& from)
{
    const auto authorization = read.member(from, "authorization");
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

/// All 256 bits of a decimal number, big-endian; empty for anything else.
std::optional<Hash> parse_uint256(std::string_view text)
{
    constexpr std::size_t most_digits = 78;
    if (text.empty() || text.size() > most_digits || (text[0] == '0' && text.size() > 1)) return {};
    Hash made;
    for (const char digit : text) {
        if (digit < '0' || digit > '9') return {};
        auto carry = static_cast<unsigned>(digit - '0');
        for (auto byte = made.bytes.rbegin(); byte != made.bytes.rend(); ++byte) {
            carry += *byte * 10U;
            *byte = static_cast<std::uint8_t>(carry);
            carry >>= 8;
        }
        if (carry != 0) return {};
    }
    return made;
}

market::PermitSettle read_upto(Reader& read, const std::optional<Json>& from)
{
    const auto authorization = read.member(from, "permit2Authorization");
    const auto permitted = read.member(authorization, "permitted");
    const auto witness = read.member(authorization, "witness");
    market::PermitSettle permit;
    permit.permitted.token = read.address(permitted, "token");
    permit.permitted.amount = read.amount(permitted, "amount");
    permit.from = read.address(authorization, "from");
    permit.spender = read.address(authorization, "spender");
    const auto nonce = read.text(authorization, "nonce");
    if (!read.failed()) {
        if (const auto number = parse_uint256(nonce))
            permit.nonce = *number;
        else
            read.fail("nonce", "must be a decimal number of 256 bits as a text");
    }
    permit.deadline = read.decimal_of(authorization, "deadline");
    permit.witness.to = read.address(witness, "to");
    permit.witness.facilitator = read.address(witness, "facilitator");
    permit.witness.valid_after = read.decimal_of(witness, "validAfter");
    permit.signature = read.bytes<Signature>(from, "signature");
    return permit;
}

/// Members of a type that ours have not are as strange as members that ours have not.
class AcceptedReader {
public:
    Accepted read(Reader& read, const std::optional<Json>& from)
    {
        made_.scheme = read.text(from, "scheme");
        made_.amount = read.text(from, "amount");
        if (read.failed()) return made_;
        for (const auto& [name, value] : dom::object{*from}) {
            dom::object extra;
            if (name == "network")
                take(made_.network, as_text(value));
            else if (name == "asset")
                take(made_.asset, as_text(value));
            else if (name == "payTo")
                take(made_.pay_to, as_text(value));
            else if (name == "maxTimeoutSeconds")
                take(made_.max_timeout_s, as_number(value));
            else if (name == "extra" && value.get(extra) == simdjson::SUCCESS)
                made_.extra = read_extra(extra);
            else if (name != "scheme" && name != "amount")
                made_.more = true;
        }
        return std::move(made_);
    }

private:
    template <class T>
    void take(std::optional<T>& to, std::optional<T> value)
    {
        if (!value) made_.more = true;
        to = std::move(value);
    }

    Accepted::Extra read_extra(const dom::object& from)
    {
        Accepted::Extra extra;
        for (const auto& [name, value] : from) {
            if (name == "name")
                take(extra.name, as_text(value));
            else if (name == "version")
                take(extra.version, as_text(value));
            else if (name == "receiverAuthorizer")
                take(extra.receiver_authorizer, as_text(value));
            else if (name == "withdrawDelay")
                take(extra.withdraw_delay, as_number(value));
            else if (name == "minDeposit")
                take(extra.min_deposit, as_text(value));
            else if (name == "facilitatorAddress")
                take(extra.facilitator, as_text(value));
            else if (name == "channelState" || name == "voucherState" || name == "chainState")
                made_.corrected = true;
            else
                made_.more = true;
        }
        return extra;
    }

    Accepted made_;
};

/// The id a client chose, if it chose one; what is not of the extension's form is malformed.
ledger::Result<std::optional<std::string>, Refusal> read_payment_id(
    const std::optional<Json>& extensions)
{
    using Id = std::optional<std::string>;
    const auto extension = Reader::find(extensions, "payment-identifier");
    const auto value = Reader::find(Reader::find(extension, "info"), "id");
    if (!value) return Id{};
    auto id = as_text(value);
    if (!id || !valid_payment_id(*id))
        return Refusal{400, "malformed_payment_id",
                       "a payment identifier is 16 to 128 letters, digits, - and _"};
    return id;
}

/// A member that stands twice in its object; empty when there is none.
std::optional<std::string_view> doubled_member(const Json& in)
{
    dom::array array;
    dom::object object;
    if (in.get(array) == simdjson::SUCCESS) {
        for (const auto item : array)
            if (const auto found = doubled_member(item)) return found;
    } else if (in.get(object) == simdjson::SUCCESS) {
        std::vector<std::string_view> names;
        for (const auto& [name, value] : object) {
            if (const auto found = doubled_member(value)) return found;
            names.push_back(name);
        }
        std::sort(names.begin(), names.end());
        const auto twice = std::adjacent_find(names.begin(), names.end());
        if (twice != names.end()) return *twice;
    }
    return {};
}

Refusal malformed(std::string message)
{
    return {400, "malformed_payment", "PAYMENT-SIGNATURE" + std::move(message)};
}

ledger::Result<Payment, Refusal> read_payment(const Json& root)
{
    Reader read;
    if (as_number(read.member(root, "x402Version")) != 2) read.fail("x402Version", "must be 2");
    Payment payment;
    const auto accepted = read.member(root, "accepted");
    payment.amount = read.amount(accepted, "amount");
    payment.accepted = AcceptedReader{}.read(read, accepted);
    const auto payload = read.member(root, "payload");
    if (read.failed()) return read.refusal();

    if (payment.accepted.scheme == "batch-settlement") {
        auto batch = read_batch(read, payload);
        if (!batch) return batch.error();
        payment.payload = std::move(*batch);
    } else if (payment.accepted.scheme == "exact") {
        payment.payload = read_exact(read, payload);
    } else if (payment.accepted.scheme == "upto") {
        payment.payload = read_upto(read, payload);
    } else if (payment.accepted.scheme == "hash-chain") {
        auto chain = read_chain(read, payload);
        if (!chain) return chain.error();
        payment.payload = std::move(*chain);
    } else {
        return Refusal{402, std::string{unsupported_scheme}};
    }
    if (read.failed()) return read.refusal();

    const auto extensions = Reader::find(root, "extensions");
    auto id = read_payment_id(extensions);
    if (!id) return id.error();
    payment.payment_id = std::move(*id);
    payment.wants_receipt = Reader::find(extensions, "offer-receipt").has_value();
    return payment;
}

ledger::Result<Payment, Refusal> read_text(ledger::Bytes text)
{
    const auto size = text.size();
    text.resize(size + simdjson::SIMDJSON_PADDING);
    dom::parser parser;
    Json root;
    // The parser refuses what nests as deep as it is told; an empty innermost level is free.
    auto wrong = parser.allocate(std::max<std::size_t>(size, 1), WireLimits::depth + 1);
    if (!wrong) wrong = parser.parse(text.data(), size, false).get(root);
    if (wrong) return malformed(std::string{": "} + simdjson::error_message(wrong));
    if (const auto twice = doubled_member(root))
        return malformed(": JSON has the member " + std::string{*twice} + " twice");
    return read_payment(root);
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
    if (header.size() > WireLimits::header_bytes) return malformed(" is longer than 16 KiB");
    auto bytes = from_base64(header);
    if (!bytes) return malformed(" is not base64 with padding");
    return read_text(std::move(*bytes));
}

ledger::Result<Payment, Refusal> decode_payment_json(std::string_view text)
{
    if (text.size() > WireLimits::header_bytes) return malformed(" is longer than 16 KiB");
    const auto bytes = ledger::as_bytes(text);
    return read_text({bytes.begin(), bytes.end()});
}

}  // namespace node::x402
