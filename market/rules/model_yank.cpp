#include "market/rules/lasting.hpp"
#include "market/rules/model_rules.hpp"
#include "market/rules/text.hpp"

namespace market {

Verdict apply(State& state, const Context& context, const ModelYank& message)
{
    const VersionKey key{message.model, message.ver};
    auto version = state.find<VersionRecord>(key);
    if (!version) return Rejection::unknown_version;
    if (version->owner != context.sender) return Rejection::not_the_owner;
    if (version->yanked_ms != 0) return Rejection::already_yanked;
    if (!valid_text(message.reason, TextLimits::reason)) return Rejection::malformed_text;

    version->yanked_ms = context.now_ms();
    version->yank_reason = message.reason;
    if (const auto put = put_lasting(state, context, key, *version); !put) return put;
    context.emit(EventKind::changed, context.sender, {}, ledger::retag<Hash>(message.model));
    return {};
}

}  // namespace market
