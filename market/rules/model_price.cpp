#include "market/price_history.hpp"
#include "market/pricing.hpp"
#include "market/rules/lasting.hpp"
#include "market/rules/model_rules.hpp"

namespace market {

Verdict apply(State& state, const Context& context, const ModelPrice& message)
{
    const VersionKey key{message.model, message.ver};
    auto version = state.find<VersionRecord>(key);
    if (!version) return Rejection::unknown_version;
    if (version->owner != context.sender) return Rejection::not_the_owner;
    if (version->yanked_ms != 0) return Rejection::version_yanked;
    const auto& asset = context.network.genesis.asset.address;
    if (const auto good = check_sheet(message.sheet, asset); !good) return good;
    const auto from_ms = to_ms(message.from);
    if (from_ms < later(context.now_ms(), to_ms(context.params().price_notice_s)))
        return Rejection::price_notice_too_short;
    if (from_ms > later(context.now_ms(), PriceLimits::ahead_ms))
        return Rejection::price_too_far_ahead;
    if (version->prices >= PriceLimits::changes) return Rejection::too_many_entries;
    if (version->prices != 0) {
        const auto last = state.get<PriceRecord>({message.model, message.ver, version->prices - 1});
        if (from_ms <= last.from_ms) return Rejection::price_out_of_order;
    }

    const PriceRecord record{message.sheet, from_ms};
    const HistoryKey at{message.model, message.ver, version->prices};
    if (const auto put = put_lasting(state, context, at, record); !put) return put;
    ++version->prices;
    state.put(key, *version);
    context.emit(EventKind::changed, context.sender, {}, ledger::retag<Hash>(message.model));
    return {};
}

}  // namespace market
