#include "market/rules/lasting.hpp"
#include "market/rules/model_rules.hpp"
#include "market/rules/text.hpp"

namespace market {

Verdict apply(State& state, const Context& context, const ModelRegister& message)
{
    if (!valid_name(message.name)) return Rejection::malformed_text;
    const auto id = model_id(context.sender, message.name);
    if (state.has<Model>(id)) return Rejection::name_taken;

    const Model model{context.sender, message.name, message.card_hash, 0, context.now_ms()};
    if (const auto put = put_lasting(state, context, id, model); !put) return put;
    context.emit(EventKind::registered, context.sender, {}, ledger::retag<Hash>(id));
    return {};
}

}  // namespace market
