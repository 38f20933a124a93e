#include "bench/load/paid_requests.hpp"

#include "bench/load/callers.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/random.hpp"
#include "market/hash_chain.hpp"
#include "market/signing.hpp"
#include "node/env/clock.hpp"
#include "node/payment/base64.hpp"

namespace bench {

using namespace ledger;
using nlohmann::json;

namespace {

/// A channel that holds what so many calls cost, and what its model's 402 offers by a scheme.
struct PaidChannel {
    std::string path, body;
    json offer, accepted;
    market::ChannelConfig config;
    market::ChannelId id;
};

PaidChannel open_channel(ServedNetwork& served, const std::string& model, std::string_view scheme,
                         const SecretKey& payer, std::size_t calls)
{
    PaidChannel channel;
    channel.path = "/v2/models/paid-" + model + "/infer";
    channel.body = body_for(model);
    channel.offer =
        *codec::parse_json(ask(served.port(), "POST", channel.path, channel.body).payment_required);
    auto& accepted = channel.accepted;
    for (const auto& entry : channel.offer["accepts"])
        if (entry["scheme"] == scheme) accepted = entry;
    accepted["amount"] = std::to_string(ServedNetwork::price_micros);

    market::ChannelDeposit deposit;
    auto& config = deposit.config;
    config.payer = config.payer_authorizer = address_of(payer);
    config.receiver = *parse_address(accepted["payTo"].get<std::string>());
    config.receiver_authorizer =
        *parse_address(accepted["extra"]["receiverAuthorizer"].get<std::string>());
    config.token = *parse_address(accepted["asset"].get<std::string>());
    config.withdraw_delay = {accepted["extra"]["withdrawDelay"].get<std::uint64_t>()};
    config.salt = SystemRandom{}.next<Hash>();
    deposit.amount = Amount::micros((calls + 1) * ServedNetwork::price_micros + 20'000);
    deposit.valid_before = node::SystemClock{}.wall().value / 1000 + 3600;
    deposit.salt = config.salt;
    deposit.signature = sign(payer, market::deposit_digest(served.network(), deposit));
    served.apply(payer, deposit);
    channel.config = config;
    channel.id = market::channel_id(served.network(), config);
    return channel;
}

std::string paid_request(const PaidChannel& channel, const json& payment)
{
    return request_text(channel.path, channel.body, node::to_base64(as_bytes(payment.dump())));
}

}  // namespace

std::vector<std::string> paid_requests(ServedNetwork& served, const std::string& model,
                                       std::size_t lane, std::size_t calls, bool extension)
{
    const auto payer = ServedNetwork::payer(lane % ServedNetwork::payers);
    const auto channel = open_channel(served, model, "batch-settlement", payer, calls);
    std::vector<std::string> requests;
    for (std::size_t i = 1; i <= calls; ++i) {
        const auto ceiling = Amount::micros(i * ServedNetwork::price_micros);
        const auto signature =
            sign(payer, market::voucher_digest(served.network(), channel.id, ceiling));
        json payment{{"x402Version", 2},
                     {"resource", channel.offer["resource"]},
                     {"accepted", channel.accepted},
                     {"payload",
                      {{"type", "voucher"},
                       {"channelConfig", codec::to_json(channel.config)},
                       {"voucher",
                        {{"channelId", codec::to_json(channel.id)},
                         {"maxClaimableAmount", std::to_string(ceiling.micros())},
                         {"signature", codec::to_json(signature)}}}}}};
        if (extension) payment["extensions"] = channel.offer["extensions"];
        requests.push_back(paid_request(channel, payment));
    }
    return requests;
}

std::vector<std::string> chain_requests(ServedNetwork& served, const std::string& model,
                                        std::size_t lane, std::size_t calls)
{
    const auto payer = ServedNetwork::payer(lane % ServedNetwork::payers);
    const auto channel = open_channel(served, model, "hash-chain", payer, calls);
    constexpr auto length = market::ChainLimits::length;
    const auto amount = std::to_string(ServedNetwork::price_micros);
    std::vector<std::string> requests;
    while (requests.size() < calls) {
        const auto links = market::make_links(channel.id, SystemRandom{}.next<Hash>(), length);
        const market::ChainTerms terms{
            Amount::micros(requests.size() * ServedNetwork::price_micros),
            Amount::micros(ServedNetwork::price_micros), length, links[0]};
        for (std::uint32_t i = 1; i <= length && requests.size() < calls; ++i) {
            json payment{{"x402Version", 2},
                         {"accepted", {{"scheme", "hash-chain"}, {"amount", amount}}},
                         {"payload",
                          {{"channelId", codec::to_json(channel.id)},
                           {"index", i},
                           {"link", codec::to_json(links[i])}}}};
            if (i == 1) {
                const auto digest =
                    market::chain_voucher_digest(served.network(), channel.id, terms);
                payment["accepted"] = channel.accepted;
                auto& payload = payment["payload"];
                payload["channelConfig"] = codec::to_json(channel.config);
                payload["chain"] = codec::to_json(terms);
                payload["signature"] = codec::to_json(sign(payer, digest));
            }
            requests.push_back(paid_request(channel, payment));
        }
    }
    return requests;
}

}  // namespace bench
