#include "ledger/base/hex.hpp"
#include "ledger/crypto/address.hpp"
#include "market/signing.hpp"
#include "wallet/client/paid_client.hpp"
#include "wallet/client/payment_refusal.hpp"

#include <algorithm>

// Channels of which this wallet keeps nothing: what the ledger has of one, and where its host
// serves what it pays for.
namespace wallet {
namespace {

using nlohmann::json;

constexpr std::size_t most_models = 1000;

/// The paths at which one entry of a node's index of models is called.
std::vector<std::string> paths_of(const json& entry)
{
    std::vector<std::string> paths;
    const auto name = entry.is_object() ? entry.value("name", json{}) : json{};
    if (!name.is_string()) return paths;
    const auto path = "/v2/models/" + url_segment(name.get<std::string>());
    paths.push_back(path + "/infer");
    const auto version = entry.value("version", json{});
    if (version.is_string())
        paths.push_back(path + "/versions/" + url_segment(version.get<std::string>()) + "/infer");
    return paths;
}

}  // namespace

const x402::Offer* offer_of(const x402::Required& required, const market::ChannelConfig& config)
{
    const auto offer = std::ranges::find_if(required.offers, [&](const auto& one) {
        return one.scheme == x402::Scheme::batch && one.pay_to == config.receiver &&
               one.receiver_authorizer == config.receiver_authorizer;
    });
    return offer == required.offers.end() ? nullptr : &*offer;
}

// Starts from what the ledger has settled: that much was signed for. Where the host has charged
// more it corrects us, and has to show our own signature for it.
Outcome<ChannelFile> PaidClient::find_channel(const market::ChannelId& id,
                                              const market::Channel& proven) const
{
    const auto& config = proven.config;
    if (market::channel_id(*parts_.network, config) != id)
        return unverified("the ledger's terms are of another channel");
    const auto own = ledger::address_of(parts_.key);
    if (own != config.payer && own != config.payer_authorizer)
        return Failure{Fault::refused, "the channel is paid by " +
                                           ledger::to_checksum(config.payer) + ", not by " +
                                           ledger::to_checksum(own)};
    auto target = find_target(config);
    if (!target) return target.error();
    parts_.progress("this wallet keeps nothing of the channel; going on from the ledger");
    ChannelFile file;
    file.config = config;
    file.node = parts_.ledger.http().url().origin();
    file.target = std::move(*target);
    file.charged = proven.total_claimed;
    file.signed_max = proven.total_claimed;
    return file;
}

Outcome<std::string> PaidClient::find_target(const market::ChannelConfig& config) const
{
    const auto index = parts_.ledger.post("/v2/repository/index", json::object());
    if (!index) return index.error();
    std::vector<std::string> asked;
    for (const auto& entry : *index)
        for (auto& path : paths_of(entry)) {
            if (asked.size() >= most_models) break;
            if (std::ranges::find(asked, path) != asked.end()) continue;
            const auto reply = parts_.ledger.http().call({"GET", path});
            if (!reply) return reply.error();
            const auto header = reply->header("PAYMENT-REQUIRED");
            if (reply->status == 402 && header) {
                const auto required = x402::read_required(*header, *parts_.network);
                if (required && offer_of(*required, config) != nullptr) return path;
            }
            asked.push_back(std::move(path));
        }
    return Failure{Fault::not_found,
                   "this wallet keeps no such channel, and the node serves nothing that it pays "
                   "for; use: channel close"};
}

}  // namespace wallet
