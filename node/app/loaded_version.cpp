#include "node/app/loaded_version.hpp"

#include "ledger/codec/json.hpp"

namespace node {

std::string loading_settings(const ModelConfig& config)
{
    auto settings = ledger::codec::to_json(config);
    for (const auto* member : {"files", "versions", "canary", "shadow", "cache", "idleS", "alias"})
        settings.erase(member);
    return settings.dump();
}

std::shared_ptr<const ServedVersion> loaded_before(const ServedModel* present, market::Version ver,
                                                   const std::string& origin)
{
    if (present == nullptr) return nullptr;
    for (const auto* versions : {&present->versions, &present->leaving})
        if (const auto at = versions->find(ver);
            at != versions->end() && at->second->origin == origin)
            return at->second;
    return nullptr;
}

}  // namespace node
