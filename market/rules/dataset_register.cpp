#include "market/rules/data_rules.hpp"
#include "market/rules/lasting.hpp"
#include "market/rules/text.hpp"
#include "market/split_table.hpp"

namespace market {

Verdict apply(State& state, const Context& context, const DatasetRegister& message)
{
    if (!valid_name(message.name)) return Rejection::malformed_text;
    const auto id = dataset_id(context.sender, message.name);
    if (state.has<Dataset>(id)) return Rejection::name_taken;
    auto table = flatten(state, context.sender, id, message);
    if (!table) return table.error();

    const DatasetRecord record{message, std::move(table->shares), table->depth, context.now_ms()};
    if (const auto put = put_lasting(state, context, id, record); !put) return put;
    const Dataset dataset{context.sender, 0, {}, {}};
    if (const auto put = put_lasting(state, context, id, dataset); !put) return put;
    context.emit(EventKind::registered, context.sender, {}, ledger::retag<Hash>(id));
    return {};
}

}  // namespace market
