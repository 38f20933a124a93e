#include "node/payment/offers.hpp"

#include "market/pricing.hpp"
#include "node/payment/signed_offer.hpp"

#include <algorithm>
#include <span>

namespace node {
namespace {

using ledger::Amount;
using nlohmann::json;
using x402::Scheme;

/// What a voucher must cover for any of these versions, by the present sheets; below, by those
/// before where a sheet has just changed, empty when nothing changed lately.
Amount present_ceiling(std::span<const PricedVersion> versions)
{
    Amount most;
    for (const auto& version : versions)
        most = std::max(most, market::ceiling(version.sheets.front().sheet));
    return most;
}

/// Whether the sheet before the present one is still honoured.
bool changed_lately(const PricedVersion& version, std::chrono::seconds validity, ledger::TimeMs now)
{
    const auto kept = static_cast<std::uint64_t>(validity.count()) * 1000;
    return version.sheets.size() > 1 && now.value < version.sheets.front().from_ms + kept;
}

std::optional<Amount> previous_ceiling(std::span<const PricedVersion> versions,
                                       std::chrono::seconds validity, ledger::TimeMs now)
{
    bool changed = false;
    Amount most;
    for (const auto& version : versions) {
        const bool recent = changed_lately(version, validity, now);
        changed |= recent;
        most = std::max(most, market::ceiling(version.sheets[recent ? 1 : 0].sheet));
    }
    if (!changed) return {};
    return most;
}

bool within(Amount amount, Amount ceiling)
{
    return ceiling <= amount && amount <= highest_amount(ceiling);
}

/// Whether `text` is x402::plain(address).
bool spells(const std::optional<std::string>& text, const ledger::Address& address)
{
    constexpr std::string_view digits = "0123456789abcdef";
    if (!text || text->size() != 2 + 2 * ledger::Address::size || !text->starts_with("0x"))
        return false;
    for (std::size_t i = 0; i < ledger::Address::size; ++i)
        if ((*text)[2 + 2 * i] != digits[address.bytes[i] >> 4] ||
            (*text)[3 + 2 * i] != digits[address.bytes[i] & 15])
            return false;
    return true;
}

/// What a voucher or link for the model's line may run.
std::span<const PricedVersion> of_line(const PaidResource& resource)
{
    const auto& all = resource.versions;
    const auto end = std::find_if(all.begin(), all.end(), [](const auto& one) { return one.left; });
    return {all.begin(), end};
}

/// Paid on a channel, by vouchers or links.
bool of_channel(Scheme scheme)
{
    return scheme == Scheme::batch || scheme == Scheme::chain;
}

}  // namespace

Amount highest_amount(Amount ceiling)
{
    const auto extra = Amount::micros(ceiling.micros() / 64 + 15);
    return ceiling.plus(extra).value_or(Amount::max());
}

Offers::Offers(const market::Network& network, const HostIdentity& host, const OfferTerms& terms)
    : network_{network},
      host_{host},
      terms_{terms},
      network_name_{"eip155:" + std::to_string(network.genesis.chain_id.value)}
{
}

json Offers::entry(Scheme scheme, const ledger::Address& pay_to, Amount amount) const
{
    const auto& asset = network_.genesis.asset;
    json extra{{"name", asset.name}, {"version", asset.version}};
    if (scheme == Scheme::upto) extra["facilitatorAddress"] = x402::plain(terms_.facilitator);
    if (of_channel(scheme)) {
        extra["receiverAuthorizer"] = x402::plain(host_.authorizer);
        extra["withdrawDelay"] = terms_.withdraw_delay_s;
        extra["minDeposit"] = x402::decimal(terms_.min_deposit);
    }
    return {{"scheme", x402::name_of(scheme)}, {"network", network_name_},
            {"amount", x402::decimal(amount)}, {"asset", x402::plain(asset.address)},
            {"payTo", x402::plain(pay_to)},    {"maxTimeoutSeconds", terms_.max_timeout_s},
            {"extra", std::move(extra)}};
}

json Offers::make(const PaidResource& resource, ledger::Random& random) const
{
    const auto draw = [&](Amount ceiling) {
        const auto room = highest_amount(ceiling).micros() - ceiling.micros();
        return Amount::micros(ceiling.micros() + random.below(room + 1));
    };
    const auto& first = resource.versions.front();
    const auto line = resource.by_alias ? market::model_line : first.ver;
    const auto all = of_line(resource);
    const auto ceiling = present_ceiling(resource.by_alias ? all : all.first(1));
    const auto pay_to = market::split_address(resource.model, line, host_.host);
    json accepts = json::array();
    if (resource.on_channels) accepts.push_back(entry(Scheme::batch, pay_to, draw(ceiling)));
    const auto version = market::split_address(resource.model, first.ver, host_.host);
    const auto of_version = market::ceiling(first.sheets.front().sheet);
    accepts.push_back(entry(Scheme::exact, version, draw(of_version)));
    if (!terms_.facilitator.is_zero())
        accepts.push_back(entry(Scheme::upto, version, draw(of_version)));
    if (resource.on_channels) accepts.push_back(entry(Scheme::chain, pay_to, ceiling));
    return accepts;
}

std::uint64_t Offers::valid_until_s(const PaidResource& resource, ledger::TimeMs wall) const
{
    const auto until = wall.value / 1000 + static_cast<std::uint64_t>(terms_.validity.count());
    return resource.until ? std::min(until, resource.until->value / 1000) : until;
}

json Offers::extensions(const json& accepts, const PaidResource& resource,
                        ledger::TimeMs wall) const
{
    json extensions{{"payment-identifier", {{"info", {{"required", terms_.require_payment_id}}}}}};
    if (terms_.sign_offers) {
        const auto until = valid_until_s(resource, wall);
        json offers = json::array();
        for (std::size_t i = 0; i < accepts.size(); ++i)
            offers.push_back(x402::signed_offer(accepts[i], i, resource.url, until, host_.key));
        extensions["offer-receipt"] = {{"info", {{"offers", std::move(offers)}}}};
    }
    return extensions;
}

json Offers::quote(const PaidResource& resource, ledger::TimeMs wall, ledger::Random& random) const
{
    auto accepts = make(resource, random);
    auto extra = extensions(accepts, resource, wall);
    return {{"x402Version", 2},
            {"resource", {{"url", resource.url}}},
            {"accepts", std::move(accepts)},
            {"extensions", std::move(extra)},
            {"validUntil", valid_until_s(resource, wall)}};
}

bool Offers::is_entry(const x402::Accepted& accepted, const Taken& taken) const
{
    const auto& asset = network_.genesis.asset;
    const bool batch = of_channel(taken.scheme);
    if (accepted.more || (accepted.corrected && !batch) || !accepted.extra) return false;
    const auto& extra = *accepted.extra;
    const bool channel_terms =
        batch ? spells(extra.receiver_authorizer, host_.authorizer) &&
                    extra.withdraw_delay == terms_.withdraw_delay_s &&
                    extra.min_deposit == x402::decimal(terms_.min_deposit)
              : !extra.receiver_authorizer && !extra.withdraw_delay && !extra.min_deposit;
    const bool permit_terms = taken.scheme == Scheme::upto
                                  ? spells(extra.facilitator, terms_.facilitator)
                                  : !extra.facilitator;
    return channel_terms && permit_terms && extra.name == asset.name &&
           extra.version == asset.version && accepted.scheme == x402::name_of(taken.scheme) &&
           accepted.amount == x402::decimal(taken.amount) && accepted.network == network_name_ &&
           spells(accepted.asset, asset.address) && spells(accepted.pay_to, taken.pay_to) &&
           accepted.max_timeout_s == terms_.max_timeout_s;
}

std::optional<Taken> Offers::match(const x402::Accepted& accepted, Amount amount,
                                   const PaidResource& resource, ledger::TimeMs block_time,
                                   const std::optional<ledger::Address>& receiver) const
{
    Taken taken;
    for (const auto scheme : {Scheme::exact, Scheme::upto, Scheme::chain})
        if (accepted.scheme == x402::name_of(scheme)) taken.scheme = scheme;
    if (taken.scheme == Scheme::upto && terms_.facilitator.is_zero()) return {};
    if (of_channel(taken.scheme) && !resource.on_channels) return {};
    taken.amount = amount;
    const bool is_short = taken.scheme == Scheme::chain && receiver && accepted.is_short();
    const auto paid_to = [&](const ledger::Address& address) {
        return is_short ? *receiver == address : spells(accepted.pay_to, address);
    };
    std::span<const PricedVersion> priced{resource.versions};
    if (!of_channel(taken.scheme) || !resource.by_alias) {
        const auto version = std::find_if(priced.begin(), priced.end(), [&](const auto& v) {
            taken.pay_to = market::split_address(resource.model, v.ver, host_.host);
            return paid_to(taken.pay_to);
        });
        if (version == priced.end()) return {};
        taken.paid_ver = version->ver;
        taken.only = version->ver;
        priced = {version, 1};
    } else {
        priced = of_line(resource);
        taken.pay_to = market::split_address(resource.model, market::model_line, host_.host);
    }
    if (is_short ? !paid_to(taken.pay_to) : !is_entry(accepted, taken)) return {};

    taken.present = within(amount, present_ceiling(priced));
    const auto before = previous_ceiling(priced, terms_.validity, block_time);
    taken.previous = before && within(amount, *before);
    if (!taken.present && !taken.previous) return {};
    return taken;
}

void Offers::forget_old_prices(PaidResource& resource, ledger::TimeMs block_time) const
{
    for (auto& version : resource.versions)
        version.sheets.resize(changed_lately(version, terms_.validity, block_time) ? 2 : 1);
}

}  // namespace node
