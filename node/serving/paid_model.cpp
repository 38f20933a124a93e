#include "node/serving/paid_model.hpp"

#include <algorithm>

namespace node {
namespace {

/// The alias's targets that are loaded here.
std::vector<market::AliasTarget> loaded_targets(const ServingParts& parts, const ServedModel& model)
{
    if (model.alias.empty()) return {};
    auto targets = parts.alias_targets(*model.model, model.alias);
    std::erase_if(targets, [&](const auto& one) { return !model.versions.contains(one.ver); });
    return targets;
}

/// In Unix time; 0 where nobody was offered it.
std::uint64_t offers_end_ms(const ServingParts& parts, const ServedVersion& version)
{
    const auto offered = version.offered_ms.load();
    if (offered == 0 || !parts.offers) return 0;
    return offered + static_cast<std::uint64_t>(parts.offers->terms().validity.count()) * 1000;
}

/// Versions that are here, that others stand in for now, and that somebody may still hold an offer
/// of.
void add_left(const ServingParts& parts, const ServedModel& model, PaidResource& resource)
{
    const auto now = parts.clock.wall().value;
    for (const auto& [ver, served] : model.versions) {
        const auto is_there = [&](const auto& one) { return one.ver == ver; };
        if (now >= offers_end_ms(parts, *served) ||
            std::any_of(resource.versions.begin(), resource.versions.end(), is_there))
            continue;
        auto sheets = parts.ledger.sheets(*model.model, ver);
        if (!sheets.empty()) resource.versions.push_back({ver, std::move(sheets), true});
    }
}

}  // namespace

ledger::Result<PaidResource> paid_resource(const ServingParts& parts, const ServedModel& model,
                                           const ServedVersion* version, std::string path)
{
    PaidResource resource;
    resource.url = parts.public_url + path;
    resource.path = std::move(path);
    resource.model = *model.model;
    std::vector<market::Version> wanted;
    if (version) {
        wanted.push_back(version->ver);
    } else if (!model.versions.empty()) {
        auto targets = loaded_targets(parts, model);
        resource.by_alias = !targets.empty();
        // The exact scheme is offered for the first alone: so its calls are spread, too.
        if (!targets.empty())
            std::rotate(
                targets.begin(),
                targets.begin() + static_cast<std::ptrdiff_t>(model.use->offers.next(targets)),
                targets.end());
        for (const auto& target : targets) wanted.push_back(target.ver);
        if (targets.empty()) wanted.push_back(newest_version(model)->ver);
    }
    if (!version)
        for (const auto& [ver, leaving] : model.leaving) wanted.push_back(ver);
    for (const auto ver : wanted) {
        auto sheets = parts.ledger.sheets(*model.model, ver);
        if (!sheets.empty()) resource.versions.push_back({ver, std::move(sheets)});
    }
    if (resource.versions.empty())
        return ledger::Error{ledger::ErrorKind::unavailable,
                             "the ledger has no price for this model yet"};
    const auto first = resource.versions.front().ver;
    if (const auto offered = model.versions.find(first); offered != model.versions.end())
        offered->second->offered_ms = parts.clock.wall().value;
    else if (parts.offers)
        resource.until = {offers_end_ms(parts, *model.leaving.at(first))};
    if (!version) add_left(parts, model, resource);
    return resource;
}

PaidModel::PaidModel(const ServingParts& parts, const ServedModel& model,
                     const ServedVersion* version, const PaidResource& resource)
    : parts_{parts}, limits_{parts.limits()}, model_{model}, version_{version}
{
    for (const auto& priced : resource.versions)
        if (!priced.left && model.versions.contains(priced.ver)) offered_.push_back(priced.ver);
}

std::optional<HttpError> PaidModel::admit(Exchange& exchange, const ledger::Address& payer)
{
    return take_permit(parts_, exchange, caller_key(payer), limits_.paid, permit_);
}

std::optional<Response> PaidModel::unfit(Exchange& exchange, const ledger::Bytes& body)
{
    std::optional<inference::ProtocolError> wrong;
    const auto suits = [&](const ServedVersion& version) {
        const auto request = read_request(exchange, version, body, limits_.protocol);
        if (!request) wrong = request.error();
        return request.has_value();
    };
    if (version_) {
        if (suits(*version_)) return {};
        return protocol_error(*wrong);
    }
    for (const auto* versions : {&model_.versions, &model_.leaving})
        for (const auto& [ver, version] : *versions)
            if (suits(*version)) return {};
    if (!wrong) return {};
    return protocol_error(*wrong);
}

asio::awaitable<RunResult> PaidModel::run(Exchange& exchange, Run order, const ledger::Bytes& body,
                                          Clock::Steady deadline)
{
    const ServedVersion* chosen = version_;
    if (const auto& only = order.only) {
        chosen = nullptr;
        for (const auto* versions : {&model_.versions, &model_.leaving})
            if (const auto at = versions->find(*only); at != versions->end() && !chosen)
                chosen = at->second.get();
    } else if (!chosen && !offered_.empty()) {
        // The alias as it is now: a body may have come slowly, and weights change at once.
        auto targets = loaded_targets(parts_, model_);
        std::erase_if(targets, [this](const auto& one) {
            return std::find(offered_.begin(), offered_.end(), one.ver) == offered_.end();
        });
        const auto ver =
            targets.empty() ? offered_.front() : targets[model_.use->runs.next(targets)].ver;
        chosen = model_.versions.at(ver).get();
    }
    if (!chosen)
        co_return Failed{protocol_error({503, "the version paid for is no longer served here"})};
    const CallParts call{limits_, &parts_.metrics, parts_.cache};
    auto result = co_await infer(exchange, model_, *chosen, body, call, deadline);
    if (!result.served) co_return Failed{std::move(result.response)};
    co_return Served{std::move(result.response), chosen->ver, result.units};
}

}  // namespace node
