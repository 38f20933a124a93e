#include "node/app/reload.hpp"

#include "ledger/codec/json.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace node {
namespace {

using nlohmann::json;

/// take_over() is the other half of this list.
constexpr std::array<std::string_view, 6> at_once{
    "log.level",       "http.bodyBytes",  "host.models",
    "host.loadWaitMs", "host.cacheBytes", "host.limits",
};
/// The table is made once.
constexpr std::string_view table_size = "host.limits.callers";

void compare(const json& before, const json& after, const std::string& path,
             std::vector<std::string>& changed)
{
    if (!before.is_object()) {
        if (before != after) changed.push_back(path);
        return;
    }
    for (const auto& [key, value] : before.items())
        compare(value, after.at(key), path.empty() ? key : path + "." + key, changed);
}

/// Models behind a server of OpenAI's kind are there from start to end of the node.
bool is_lasting(const ModelConfig& model)
{
    return model.backend.kind == "openai";
}

std::vector<json> models_that(bool last, const Config& config)
{
    std::vector<json> found;
    for (const auto& model : config.host.models)
        if (is_lasting(model) == last) found.push_back(ledger::codec::to_json(model));
    return found;
}

bool takes_effect_at_once(const std::string& member)
{
    if (member == table_size) return false;
    return std::any_of(at_once.begin(), at_once.end(), [&](std::string_view known) {
        return member == known || (member.starts_with(known) && member[known.size()] == '.');
    });
}

}  // namespace

std::vector<std::string> changed_members(const Config& before, const Config& after)
{
    std::vector<std::string> changed;
    compare(ledger::codec::to_json(before), ledger::codec::to_json(after), {}, changed);
    return changed;
}

ReloadReport sort_changes(const Config& in_force, const Config& wanted)
{
    ReloadReport report;
    for (auto& member : changed_members(in_force, wanted)) {
        if (member == "host.models") {
            for (const bool last : {false, true})
                if (models_that(last, in_force) != models_that(last, wanted))
                    (last ? report.for_restart : report.applied).push_back(member);
            continue;
        }
        (takes_effect_at_once(member) ? report.applied : report.for_restart)
            .push_back(std::move(member));
    }
    return report;
}

Config take_over(Config in_force, const Config& wanted)
{
    in_force.log.level = wanted.log.level;
    in_force.http.body_bytes = wanted.http.body_bytes;
    auto models = wanted.host.models;
    std::erase_if(models, is_lasting);
    for (auto& model : in_force.host.models)
        if (is_lasting(model)) models.push_back(std::move(model));
    in_force.host.models = std::move(models);
    in_force.host.load_wait_ms = wanted.host.load_wait_ms;
    in_force.host.cache_bytes = wanted.host.cache_bytes;
    const auto callers = in_force.host.limits.callers;
    in_force.host.limits = wanted.host.limits;
    in_force.host.limits.callers = callers;
    return in_force;
}

}  // namespace node
