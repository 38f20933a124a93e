#include "node/serving/paid_model.hpp"

namespace node {
namespace {

/// Versions that may answer, the likeliest first.
std::vector<market::Version> candidates(const ServingParts& parts, const ServedModel& model,
                                        const ServedVersion* version, bool& by_alias)
{
    by_alias = false;
    if (version) return {version->ver};
    std::vector<market::Version> loaded;
    if (!model.alias.empty()) {
        for (const auto ver : parts.alias_targets(*model.model, model.alias))
            if (model.versions.contains(ver)) loaded.push_back(ver);
        by_alias = !loaded.empty();
    }
    if (loaded.empty()) loaded.push_back(newest_version(model).ver);
    return loaded;
}

}  // namespace

ledger::Result<PaidResource> paid_resource(const ServingParts& parts, const ServedModel& model,
                                           const ServedVersion* version, std::string path)
{
    PaidResource resource;
    resource.url = parts.public_url + path;
    resource.path = std::move(path);
    resource.model = *model.model;
    for (const auto ver : candidates(parts, model, version, resource.by_alias)) {
        auto sheets = parts.ledger.sheets(*model.model, ver);
        if (!sheets.empty()) resource.versions.push_back({ver, std::move(sheets)});
    }
    if (resource.versions.empty())
        return ledger::Error{ledger::ErrorKind::unavailable,
                             "the ledger has no price for this model yet"};
    return resource;
}

asio::awaitable<RunResult> PaidModel::run(Exchange& exchange, std::optional<market::Version> only,
                                          const ledger::Bytes& body, Clock::Steady deadline)
{
    const ServedVersion* chosen = version_;
    if (only) {
        const auto found = model_.versions.find(*only);
        chosen = found == model_.versions.end() ? nullptr : &found->second;
    } else if (!chosen) {
        bool by_alias = false;
        const auto targets = candidates(parts_, model_, nullptr, by_alias);
        chosen = &model_.versions.at(targets.front());
    }
    if (!chosen)
        co_return Failed{protocol_error({503, "the version paid for is no longer served here"})};
    auto result =
        co_await infer(exchange, model_, *chosen, body, parts_.limits, deadline, &parts_.metrics);
    if (!result.served) co_return Failed{std::move(result.response)};
    co_return Served{std::move(result.response), chosen->ver, result.units};
}

}  // namespace node
