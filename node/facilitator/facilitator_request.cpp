#include "node/facilitator/facilitator_request.hpp"

#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "node/payment/x402_errors.hpp"

namespace node {
namespace {

using ledger::Amount;
using nlohmann::json;
using x402::Refusal;
namespace codec = ledger::codec;

template <class T>
using Read = ledger::Result<T, Refusal>;

// As servers write them; the structs exist to be read.
struct WireVoucher {
    market::ChannelConfig channel;
    Amount max_claimable_amount;
};
MILLRACE_DESCRIBE(WireVoucher, (channel, max_claimable_amount))

struct WireClaim {
    WireVoucher voucher;
    market::Signature signature;
    Amount total_claimed;
};
MILLRACE_DESCRIBE(WireClaim, (voucher, signature, total_claimed))

Refusal malformed(std::string message)
{
    return {400, "malformed_request", std::move(message)};
}

const json& member(const json& from, const char* name)
{
    static const json nothing;
    const auto found = from.is_object() ? from.find(name) : from.end();
    return found == from.end() ? nothing : *found;
}

/// A member that may be missing, but not of another form.
template <class T>
Read<std::optional<T>> maybe(const json& from, const char* name)
{
    const auto& value = member(from, name);
    if (value.is_null()) return std::optional<T>{};
    auto read = codec::from_json<T>(value);
    if (!read) return malformed(std::string{name} + ": " + read.error().detail);
    return std::optional<T>{std::move(*read)};
}

template <class T>
Read<T> must(const json& from, const char* name)
{
    auto read = maybe<T>(from, name);
    if (!read) return read.error();
    if (!*read) return malformed(std::string{name} + " is missing");
    return std::move(**read);
}

/// A number as servers write it: as one, or as a decimal text.
Read<std::optional<std::uint64_t>> number(const json& from, const char* name)
{
    const auto& value = member(from, name);
    if (value.is_null()) return std::optional<std::uint64_t>{};
    if (value.is_number_unsigned()) return std::optional{value.get<std::uint64_t>()};
    const auto parsed = value.is_string()
                            ? codec::parse_decimal(value.get_ref<const std::string&>())
                            : std::nullopt;
    if (!parsed) return malformed(std::string{name} + " is no number");
    return std::optional{*parsed};
}

std::optional<x402::Scheme> scheme_named(const json& name)
{
    for (const auto scheme : {x402::Scheme::batch, x402::Scheme::exact, x402::Scheme::upto})
        if (name == x402::name_of(scheme)) return scheme;
    return {};
}

Read<Requirements> read_requirements(const json& from)
{
    Requirements made;
    const auto scheme = scheme_named(member(from, "scheme"));
    if (!scheme) return Refusal{402, std::string{x402::unsupported_scheme}};
    made.scheme = *scheme;
    auto network = must<std::string>(from, "network");
    if (!network) return network.error();
    made.network = std::move(*network);
    const auto asset = must<ledger::Address>(from, "asset");
    if (!asset) return asset.error();
    made.asset = *asset;
    const auto pay_to = must<ledger::Address>(from, "payTo");
    if (!pay_to) return pay_to.error();
    made.pay_to = *pay_to;
    const auto amount = must<Amount>(from, "amount");
    if (!amount) return amount.error();
    made.amount = *amount;
    const auto timeout = number(from, "maxTimeoutSeconds");
    if (!timeout) return timeout.error();
    made.max_timeout_s = timeout->value_or(0);

    const auto& extra = member(from, "extra");
    auto name = maybe<std::string>(extra, "name");
    if (!name) return name.error();
    made.name = std::move(*name);
    auto version = maybe<std::string>(extra, "version");
    if (!version) return version.error();
    made.version = std::move(*version);
    const auto authorizer = maybe<ledger::Address>(extra, "receiverAuthorizer");
    if (!authorizer) return authorizer.error();
    made.receiver_authorizer = *authorizer;
    const auto delay = number(extra, "withdrawDelay");
    if (!delay) return delay.error();
    made.withdraw_delay = *delay;
    return made;
}

Read<ClaimAction> read_claims(const json& from)
{
    const auto& claims = member(from, "claims");
    if (!claims.is_array() || claims.size() > FacilitatorLimits::claims)
        return malformed("claims are a list of at most 64");
    ClaimAction made;
    for (const auto& each : claims) {
        const auto claim = codec::from_json<WireClaim>(each);
        if (!claim) return malformed("claims: " + claim.error().detail);
        made.rows.push_back({claim->voucher.channel,
                             claim->voucher.max_claimable_amount,
                             claim->signature,
                             claim->total_claimed,
                             {}});
    }
    const auto signature = maybe<market::Signature>(from, "claimAuthorizerSignature");
    if (!signature) return signature.error();
    made.signature = *signature;
    return made;
}

Read<RefundAction> read_refund(const json& from)
{
    RefundAction made;
    const auto config = must<market::ChannelConfig>(from, "channelConfig");
    if (!config) return config.error();
    made.config = *config;
    const auto amount = must<Amount>(from, "amount");
    if (!amount) return amount.error();
    made.amount = *amount;
    const auto nonce = number(from, "refundNonce");
    if (!nonce) return nonce.error();
    made.nonce = nonce->value_or(0);
    auto claims = read_claims(from);
    if (!claims) return claims.error();
    made.claims = std::move(*claims);
    const auto signature = maybe<market::Signature>(from, "refundAuthorizerSignature");
    if (!signature) return signature.error();
    made.signature = *signature;
    return made;
}

Read<SettleAction> read_settle(const json& from)
{
    const auto receiver = must<ledger::Address>(from, "receiver");
    if (!receiver) return receiver.error();
    const auto token = must<ledger::Address>(from, "token");
    if (!token) return token.error();
    return SettleAction{*receiver, *token};
}

/// Reads into the request what `read` gives.
template <class T>
std::optional<Refusal> take(FacilitatorRequest& request, Read<T> read)
{
    if (!read) return read.error();
    request.payment = std::move(*read);
    return {};
}

std::optional<Refusal> read_payment(FacilitatorRequest& request, const json& payment)
{
    const auto& payload = member(payment, "payload");
    const auto& type = member(payload, "type");
    if (request.requirements.scheme == x402::Scheme::batch) {
        if (type == "claim") return take(request, read_claims(payload));
        if (type == "settle") return take(request, read_settle(payload));
        if (type == "refund" && payload.contains("refundNonce"))
            return take(request, read_refund(payload));
    }
    return take(request, x402::decode_payment_json(payment.dump()));
}

}  // namespace

Read<FacilitatorRequest> decode_facilitator_request(std::string_view body)
{
    const auto root =
        codec::parse_json(body, {FacilitatorLimits::body_bytes, FacilitatorLimits::depth});
    if (!root) return malformed(root.error().detail);
    const auto& payment = member(*root, "paymentPayload");
    const auto& wanted = member(*root, "paymentRequirements");
    if (!payment.is_object() || !wanted.is_object())
        return malformed("the body is {x402Version, paymentPayload, paymentRequirements}");
    FacilitatorRequest request;
    auto requirements = read_requirements(wanted);
    if (!requirements) return requirements.error();
    request.requirements = std::move(*requirements);
    if (auto wrong = read_payment(request, payment)) return std::move(*wrong);
    return request;
}

}  // namespace node
