#include "wallet/client/x402.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "market/signing.hpp"
#include "wallet/client/base64.hpp"

#include <algorithm>

namespace wallet::x402 {
namespace {

using ledger::Amount;
using nlohmann::json;
namespace codec = ledger::codec;

constexpr codec::JsonLimits limits{64 * 1024, 16};

Outcome<json> decode(std::string_view header, const char* name)
{
    const Failure wrong{Fault::payment_refused,
                        std::string{"the host's "} + name + " header makes no sense"};
    if (header.size() > limits.bytes) return wrong;
    const auto bytes = from_base64(header);
    if (!bytes) return wrong;
    auto parsed = codec::parse_json(ledger::as_text(*bytes), limits);
    if (!parsed || !parsed->is_object()) return wrong;
    return {boost::system::in_place_value, std::move(*parsed)};
}

std::string text(const json& from, const char* name)
{
    const auto found = from.is_object() ? from.find(name) : from.end();
    return found != from.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::optional<Amount> amount(const json& from, const char* name)
{
    const auto number = codec::parse_decimal(text(from, name));
    if (!number) return {};
    return Amount::micros(*number);
}

std::optional<std::uint64_t> number(const json& from, const char* name)
{
    const auto found = from.is_object() ? from.find(name) : from.end();
    if (found == from.end() || !found->is_number_unsigned()) return {};
    return found->get<std::uint64_t>();
}

json member(const json& from, const char* name)
{
    const auto found = from.is_object() ? from.find(name) : from.end();
    return found == from.end() ? json(nullptr) : *found;
}

std::optional<Scheme> scheme_named(std::string_view name)
{
    for (const auto scheme : {Scheme::batch, Scheme::exact, Scheme::upto, Scheme::chain})
        if (name == name_of(scheme)) return scheme;
    return {};
}

std::optional<Offer> read_offer(const json& entry, const market::Network& network)
{
    const auto& asset = network.genesis.asset;
    const auto scheme = scheme_named(text(entry, "scheme"));
    if (!scheme) return {};
    if (text(entry, "network") != "eip155:" + std::to_string(network.genesis.chain_id.value))
        return {};
    if (ledger::parse_address(text(entry, "asset")) != asset.address) return {};
    const auto extra = member(entry, "extra");
    if (text(extra, "name") != asset.name || text(extra, "version") != asset.version) return {};
    const auto cost = amount(entry, "amount");
    const auto pay_to = ledger::parse_address(text(entry, "payTo"));
    if (!cost || cost->is_zero() || !pay_to) return {};
    Offer offer{entry, *scheme, *cost, *pay_to, 60, {}, {}, 0, {}};
    offer.max_timeout_s =
        std::min<std::uint64_t>(number(entry, "maxTimeoutSeconds").value_or(60), 3600);
    if (offer.scheme == Scheme::exact) return offer;
    if (offer.scheme == Scheme::upto) {
        const auto facilitator = ledger::parse_address(text(extra, "facilitatorAddress"));
        if (!facilitator || facilitator->is_zero()) return {};
        offer.facilitator = *facilitator;
        return offer;
    }
    const auto authorizer = ledger::parse_address(text(extra, "receiverAuthorizer"));
    const auto delay = number(extra, "withdrawDelay");
    if (!authorizer || authorizer->is_zero() || !delay || *delay >= 1ULL << 40) return {};
    offer.receiver_authorizer = *authorizer;
    offer.withdraw_delay_s = *delay;
    offer.min_deposit = amount(extra, "minDeposit").value_or(Amount{});
    return offer;
}

std::optional<ChannelWord> read_channel(const json& from)
{
    const auto balance = amount(from, "balance");
    const auto claimed = amount(from, "totalClaimed");
    const auto charged = amount(from, "chargedCumulativeAmount");
    if (!balance || !claimed || !charged) return {};
    return ChannelWord{*balance, *claimed, *charged};
}

std::optional<ChainWord> read_chain(const json& from)
{
    auto terms = codec::from_json<market::ChainTerms>(member(from, "chain"));
    const auto signature = ledger::id_from_hex<ledger::Signature>(text(from, "signature"));
    const auto index = number(from, "used");
    const auto link = ledger::id_from_hex<ledger::Hash>(text(from, "link"));
    if (!terms || !signature || !index || *index > terms->length || !link) return {};
    return ChainWord{*terms, *signature, static_cast<std::uint32_t>(*index), *link};
}

/// False when one makes no sense.
bool read_batches(const json& from, std::vector<Paid::Batch>& batches)
{
    if (!from.is_array()) return true;
    for (auto item : from) {
        const auto signature = ledger::id_from_hex<ledger::Signature>(text(item, "signature"));
        if (!signature) return false;
        item.erase("signature");
        auto receipt = codec::from_json<market::BatchReceipt>(item);
        if (!receipt) return false;
        batches.push_back({std::move(*receipt), *signature});
    }
    return true;
}

std::string decimal(Amount value)
{
    return std::to_string(value.micros());
}

/// All 256 bits as a decimal number.
std::string decimal(ledger::Hash value)
{
    std::string digits;
    while (!value.is_zero()) {
        unsigned rest = 0;
        for (auto& byte : value.bytes) {
            rest = rest << 8 | byte;
            byte = static_cast<std::uint8_t>(rest / 10);
            rest %= 10;
        }
        digits += static_cast<char>('0' + rest);
    }
    if (digits.empty()) digits = "0";
    return {digits.rbegin(), digits.rend()};
}

json config_json(const market::ChannelConfig& config, const Offer& offer)
{
    // Receiver and token as the offer spells them: the host compares texts.
    return {{"payer", ledger::to_checksum(config.payer)},
            {"payerAuthorizer", ledger::to_checksum(config.payer_authorizer)},
            {"receiver", text(offer.entry, "payTo")},
            {"receiverAuthorizer", ledger::to_checksum(config.receiver_authorizer)},
            {"token", text(offer.entry, "asset")},
            {"withdrawDelay", config.withdraw_delay.value},
            {"salt", ledger::to_hex0x(config.salt.view())}};
}

json voucher_json(const Voucher& voucher)
{
    return {{"channelId", ledger::to_hex0x(voucher.channel.view())},
            {"maxClaimableAmount", decimal(voucher.max_claimable)},
            {"signature", ledger::to_hex0x(voucher.signature.view())}};
}

json deposit_json(const market::ChannelDeposit& deposit)
{
    return {{"amount", decimal(deposit.amount)},
            {"authorization",
             {{"erc3009Authorization",
               {{"validAfter", std::to_string(deposit.valid_after)},
                {"validBefore", std::to_string(deposit.valid_before)},
                {"salt", ledger::to_hex0x(deposit.salt.view())},
                {"signature", ledger::to_hex0x(deposit.signature.view())}}}}}};
}

std::string header(const Offer& offer, const json& resource, json payload)
{
    json value{{"x402Version", 2}, {"payload", std::move(payload)}, {"accepted", offer.entry}};
    if (!resource.is_null()) value["resource"] = resource;
    return to_base64(ledger::as_bytes(value.dump()));
}

}  // namespace

const Offer* Required::offer_for(Scheme scheme) const
{
    const auto found = std::find_if(offers.begin(), offers.end(),
                                    [&](const auto& offer) { return offer.scheme == scheme; });
    return found == offers.end() ? nullptr : &*found;
}

Outcome<Required> read_required(std::string_view value, const market::Network& network)
{
    const auto root = decode(value, "PAYMENT-REQUIRED");
    if (!root) return root.error();
    Required required;
    required.error = text(*root, "error");
    required.resource = member(*root, "resource");
    const auto accepts = member(*root, "accepts");
    if (number(*root, "x402Version") != 2 || !accepts.is_array())
        return Failure{Fault::payment_refused, "the host speaks another version of x402 than 2"};
    for (const auto& entry : accepts) {
        const auto offer = read_offer(entry, network);
        if (!offer) continue;
        const bool of_channel = offer->scheme == Scheme::batch || offer->scheme == Scheme::chain;
        if (of_channel && !required.channel) {
            const auto extra = member(entry, "extra");
            required.channel = read_channel(member(extra, "channelState"));
            const auto voucher = member(extra, "voucherState");
            required.signed_max = amount(voucher, "signedMaxClaimable");
            required.signed_signature =
                ledger::id_from_hex<ledger::Signature>(text(voucher, "signature"));
        }
        if (offer->scheme == Scheme::chain)
            required.chain = read_chain(member(member(entry, "extra"), "chainState"));
        required.offers.push_back(*offer);
    }
    return required;
}

Outcome<Paid> read_response(std::string_view value)
{
    const auto root = decode(value, "PAYMENT-RESPONSE");
    if (!root) return root.error();
    Paid paid;
    const auto success = member(*root, "success");
    paid.success = success.is_boolean() && success.get<bool>();
    paid.error_reason = text(*root, "errorReason");
    paid.transaction = text(*root, "transaction");
    paid.amount = amount(*root, "amount");
    const auto extra = member(*root, "extra");
    paid.charged = amount(extra, "chargedAmount");
    paid.channel = read_channel(member(extra, "channelState"));
    const Failure unreadable{Fault::unverified, "the host's receipt cannot be read"};
    if (!read_batches(member(extra, "batches"), paid.batches)) return unreadable;
    if (const auto record = member(extra, "record"); record.is_object()) {
        auto read = codec::from_json<market::UsageReceipt>(record);
        if (!read) return unreadable;
        paid.record = std::move(*read);
        return paid;
    }
    auto receipt = member(extra, "receipt");
    if (!receipt.is_object()) return paid;
    const auto signature = ledger::id_from_hex<ledger::Signature>(text(receipt, "signature"));
    receipt.erase("signature");
    auto read = codec::from_json<market::UsageReceipt>(receipt);
    if (!read || !signature) return unreadable;
    paid.receipt = std::move(*read);
    paid.receipt_signature = *signature;
    return paid;
}

market::ChannelConfig config_for(const market::Network& network, const Offer& offer,
                                 const ledger::Address& payer, std::uint64_t lane)
{
    market::ChannelConfig config;
    config.payer = payer;
    config.payer_authorizer = payer;
    config.receiver = offer.pay_to;
    config.receiver_authorizer = offer.receiver_authorizer;
    config.token = network.genesis.asset.address;
    config.withdraw_delay = {offer.withdraw_delay_s};
    for (std::size_t i = 0; i < 8; ++i)
        config.salt.bytes[31 - i] = static_cast<std::uint8_t>(lane >> (8 * i));
    return config;
}

Voucher sign_voucher(const market::Network& network, const market::ChannelConfig& config,
                     Amount max, const ledger::SecretKey& key)
{
    const auto id = market::channel_id(network, config);
    return {id, max, ledger::sign(key, market::voucher_digest(network, id, max))};
}

market::ChannelDeposit sign_deposit(const market::Network& network,
                                    const market::ChannelConfig& config, Amount amount,
                                    std::uint64_t valid_before, const ledger::Hash& salt,
                                    const ledger::SecretKey& key)
{
    market::ChannelDeposit deposit{config, amount, 0, valid_before, salt, {}};
    deposit.signature = ledger::sign(key, market::deposit_digest(network, deposit));
    return deposit;
}

market::TransferWithAuth sign_transfer(const market::Network& network, const Offer& offer,
                                       std::uint64_t valid_before, const ledger::Hash& nonce,
                                       const ledger::SecretKey& key)
{
    market::TransferWithAuth transfer{
        ledger::address_of(key), offer.pay_to, offer.amount, 0, valid_before, nonce, {}};
    transfer.signature =
        ledger::sign(key, market::transfer_authorization_digest(network, transfer));
    return transfer;
}

market::PermitSettle sign_permit(const market::Network& network, const Offer& offer,
                                 std::uint64_t deadline, const ledger::Hash& nonce,
                                 const ledger::SecretKey& key)
{
    market::PermitSettle permit;
    permit.permitted = {network.genesis.asset.address, offer.amount};
    permit.from = ledger::address_of(key);
    permit.spender = market::upto_spender;
    permit.nonce = nonce;
    permit.deadline = deadline;
    permit.witness = {offer.pay_to, offer.facilitator, 0};
    permit.signature = ledger::sign(key, market::permit_digest(network, permit));
    return permit;
}

std::string voucher_header(const Offer& offer, const json& resource,
                           const market::ChannelConfig& config, const Voucher& voucher,
                           const std::optional<market::ChannelDeposit>& deposit)
{
    json payload{{"type", deposit ? "deposit" : "voucher"},
                 {"channelConfig", config_json(config, offer)},
                 {"voucher", voucher_json(voucher)}};
    if (deposit) payload["deposit"] = deposit_json(*deposit);
    return header(offer, resource, std::move(payload));
}

std::string chain_header(const Offer& offer, const json& resource,
                         const market::ChannelConfig& config, const market::ChainTerms& terms,
                         const ledger::Signature& signature, const market::ChannelId& channel,
                         std::uint32_t index, const ledger::Hash& link,
                         const std::optional<market::ChannelDeposit>& deposit)
{
    json payload{{"channelId", ledger::to_hex0x(channel.view())},
                 {"index", index},
                 {"link", ledger::to_hex0x(link.view())},
                 {"channelConfig", config_json(config, offer)},
                 {"chain", codec::to_json(terms)},
                 {"signature", ledger::to_hex0x(signature.view())}};
    if (deposit) payload["deposit"] = deposit_json(*deposit);
    return header(offer, resource, std::move(payload));
}

std::string link_header(Amount amount, const market::ChannelId& channel, std::uint32_t index,
                        const ledger::Hash& link)
{
    const json value{{"x402Version", 2},
                     {"accepted", {{"scheme", "hash-chain"}, {"amount", decimal(amount)}}},
                     {"payload",
                      {{"channelId", ledger::to_hex0x(channel.view())},
                       {"index", index},
                       {"link", ledger::to_hex0x(link.view())}}}};
    return to_base64(ledger::as_bytes(value.dump()));
}

std::string refund_header(const Offer& offer, const json& resource,
                          const market::ChannelConfig& config, const Voucher& voucher,
                          std::optional<Amount> amount)
{
    json payload{{"type", "refund"},
                 {"channelConfig", config_json(config, offer)},
                 {"voucher", voucher_json(voucher)}};
    if (amount) payload["amount"] = decimal(*amount);
    return header(offer, resource, std::move(payload));
}

std::string exact_header(const Offer& offer, const json& resource,
                         const market::TransferWithAuth& transfer)
{
    return header(offer, resource,
                  {{"authorization",
                    {{"from", ledger::to_checksum(transfer.from)},
                     {"to", text(offer.entry, "payTo")},
                     {"value", decimal(transfer.value)},
                     {"validAfter", std::to_string(transfer.valid_after)},
                     {"validBefore", std::to_string(transfer.valid_before)},
                     {"nonce", ledger::to_hex0x(transfer.nonce.view())}}},
                   {"signature", ledger::to_hex0x(transfer.signature.view())}});
}

std::string upto_header(const Offer& offer, const json& resource,
                        const market::PermitSettle& permit)
{
    json authorization{{"from", ledger::to_checksum(permit.from)},
                       {"spender", ledger::to_checksum(permit.spender)},
                       {"nonce", decimal(permit.nonce)},
                       {"deadline", std::to_string(permit.deadline)}};
    authorization["permitted"] = {{"token", text(offer.entry, "asset")},
                                  {"amount", decimal(permit.permitted.amount)}};
    authorization["witness"] = {{"to", text(offer.entry, "payTo")},
                                {"facilitator", ledger::to_checksum(permit.witness.facilitator)},
                                {"validAfter", std::to_string(permit.witness.valid_after)}};
    return header(offer, resource,
                  {{"permit2Authorization", std::move(authorization)},
                   {"signature", ledger::to_hex0x(permit.signature.view())}});
}

}  // namespace wallet::x402
