#include "market/pricing.hpp"
#include "market/rules/lasting.hpp"
#include "market/rules/model_rules.hpp"
#include "market/rules/text.hpp"
#include "market/split_table.hpp"

#include <algorithm>

namespace market {
namespace {

constexpr std::string_view onnx = "onnx";
constexpr std::string_view remote = "remote";  // no file: the content id is the owner's word

Verdict check_form(const Context& context, const ModelVersion& message)
{
    if ((message.format != onnx && message.format != remote) ||
        !valid_text(message.license, TextLimits::license))
        return Rejection::malformed_text;
    const auto& wraps = message.enc.wraps;
    const auto too_long = [](const Bytes& wrap) {
        return wrap.empty() || wrap.size() > ModelLimits::wrap_bytes;
    };
    if (wraps.size() > ModelLimits::wraps || (message.enc.suite == 0 && !wraps.empty()) ||
        std::any_of(wraps.begin(), wraps.end(), too_long))
        return Rejection::too_many_entries;
    if (message.min_derivative_bps.value > BasisPoints::whole) return Rejection::share_too_large;
    return check_sheet(message.price_sheet, context.network.genesis.asset.address);
}

}  // namespace

Verdict apply(State& state, const Context& context, const ModelVersion& message)
{
    auto model = state.find<Model>(message.model);
    if (!model) return Rejection::unknown_model;
    if (model->owner != context.sender) return Rejection::not_the_owner;
    if (message.ver.value != std::uint64_t{model->versions} + 1) return Rejection::version_not_next;
    if (const auto good = check_form(context, message); !good) return good;
    auto split = flatten(state, context.sender, message);
    if (!split) return split.error();

    VersionRecord record;
    record.version = message;
    record.owner = context.sender;
    record.shares = std::move(split->shares);
    record.depth = split->depth;
    record.registered_ms = context.now_ms();
    const VersionKey key{message.model, message.ver};
    if (const auto put = put_lasting(state, context, key, record); !put) return put;
    model->versions = message.ver.value;
    state.put(message.model, *model);
    if (!state.has<ContentRecord>(message.content_id)) {
        const ContentRecord first{message.model, message.ver};
        if (const auto put = put_lasting(state, context, message.content_id, first); !put)
            return put;
    }
    context.emit(EventKind::registered, context.sender, {}, ledger::retag<Hash>(message.model));
    return {};
}

}  // namespace market
