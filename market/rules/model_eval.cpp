#include "market/rules/lasting.hpp"
#include "market/rules/model_rules.hpp"
#include "market/rules/text.hpp"

namespace market {

Verdict apply(State& state, const Context& context, const ModelEval& message)
{
    const VersionKey key{message.model, message.ver};
    auto version = state.find<VersionRecord>(key);
    if (!version) return Rejection::unknown_version;
    if (message.metric.empty() || !valid_text(message.metric, TextLimits::metric))
        return Rejection::malformed_text;
    if (message.n == 0) return Rejection::no_samples;
    if (!message.dataset.is_zero() && !state.has<Dataset>(message.dataset))
        return Rejection::unknown_dataset;

    const EvaluationRecord record{message, context.sender, context.now_ms()};
    const HistoryKey at{message.model, message.ver, version->evaluations};
    if (const auto put = put_lasting(state, context, at, record); !put) return put;
    ++version->evaluations;
    state.put(key, *version);
    context.emit(EventKind::registered, context.sender, {}, ledger::retag<Hash>(message.model));
    return {};
}

}  // namespace market
