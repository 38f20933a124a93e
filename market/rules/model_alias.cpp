#include "market/rules/lasting.hpp"
#include "market/rules/model_rules.hpp"
#include "market/rules/text.hpp"

#include <algorithm>

namespace market {
namespace {

Verdict check_targets(const View& view, const ModelAlias& message)
{
    if (message.targets.size() > ModelLimits::alias_targets) return Rejection::too_many_entries;
    for (auto at = message.targets.begin(); at != message.targets.end(); ++at) {
        const auto version = view.find<VersionRecord>({message.model, at->ver});
        if (!version) return Rejection::unknown_alias_target;
        if (version->yanked_ms != 0) return Rejection::version_yanked;
        if (at->weight == 0) return Rejection::weight_is_zero;
        if (std::any_of(message.targets.begin(), at,
                        [&](const AliasTarget& other) { return other.ver == at->ver; }))
            return Rejection::duplicate_entry;
    }
    return {};
}

/// Counts how many aliases point to each version; one that stays a target is in use throughout.
Verdict move_uses(State& state, const Context& context, const ModelId& model,
                  const std::vector<AliasTarget>& from, const std::vector<AliasTarget>& to)
{
    for (const auto& target : to) {
        const VersionKey key{model, target.ver};
        auto use = state.get<AliasUse>(key);
        ++use.aliases;
        if (const auto put = put_lasting(state, context, key, use); !put) return put;
    }
    for (const auto& target : from) {
        const VersionKey key{model, target.ver};
        auto use = state.get<AliasUse>(key);
        --use.aliases;
        if (use.aliases == 0) use.ended_ms = context.now_ms();
        state.put(key, use);
    }
    return {};
}

}  // namespace

Verdict apply(State& state, const Context& context, const ModelAlias& message)
{
    const auto model = state.find<Model>(message.model);
    if (!model) return Rejection::unknown_model;
    if (model->owner != context.sender) return Rejection::not_the_owner;
    if (!valid_alias_name(message.name) || !valid_text(message.reason, TextLimits::reason))
        return Rejection::malformed_text;
    if (const auto good = check_targets(state, message); !good) return good;
    const AliasKey key{message.model, message.name};
    auto alias = state.get<Alias>(key);
    if (message.targets.empty() && alias.targets.empty()) return Rejection::unknown_alias;

    if (const auto moved = move_uses(state, context, message.model, alias.targets, message.targets);
        !moved)
        return moved;
    const AliasChange change{message.targets, message.reason, context.now_ms()};
    const AliasChangeKey at{message.model, message.name, alias.changes};
    if (const auto put = put_lasting(state, context, at, change); !put) return put;
    alias.targets = message.targets;
    ++alias.changes;
    alias.since_ms = context.now_ms();
    if (const auto put = put_lasting(state, context, key, alias); !put) return put;
    context.emit(EventKind::changed, context.sender, {}, ledger::retag<Hash>(message.model));
    return {};
}

}  // namespace market
