#include "market/price_history.hpp"
#include "market/pricing.hpp"
#include "market/rules/channel_rules.hpp"
#include "market/signing.hpp"
#include "market/state/money.hpp"

#include <algorithm>

namespace market {
namespace {

using Over = ledger::Result<Amount, Rejection>;

/// How much the pending claim is above what the receipt for the same ceiling says.
Over over_claimed(const UsageReceipt& receipt, const PendingClaim& pending)
{
    if (receipt.max_claimable != pending.voucher_max) return Rejection::receipt_of_another_ceiling;
    if (receipt.charged_cumulative >= pending.total) return Rejection::receipt_not_below_the_claim;
    return pending.total - receipt.charged_cumulative;
}

/// How much a call that is part of the pending claim was charged above its price sheet. For a
/// model, version or sheet that the channel does not pay for or the ledger does not know the price
/// is nothing: the host signed it, and must not escape by signing nonsense.
Over over_charged(const View& view, const UsageReceipt& receipt, const Channel& channel)
{
    const auto before = receipt.charged_cumulative.minus(receipt.charged);
    if (!before || *before < channel.total_claimed ||
        receipt.charged_cumulative > channel.pending->total)
        return Rejection::receipt_of_another_ceiling;
    const auto split = view.get<Split>(channel.config.receiver);
    const bool paid_for =
        receipt.model == split.model && (split.ver == model_line || receipt.ver == split.ver);
    const auto sheet =
        paid_for ? sheet_by_hash(view, {receipt.model, receipt.ver}, receipt.sheet) : std::nullopt;
    const auto price = sheet ? charge(*sheet, receipt.units) : Amount{};
    if (receipt.charged <= price) return Rejection::receipt_does_not_overcharge;
    return receipt.charged - price;
}

/// Takes max(10 * over, min_slash) from the bond as far as it goes: half to the payer, half burned.
void slash(State& state, const Context& context, const Address& host_address, const Address& payer,
           Amount over, const ChannelId& id)
{
    auto host = state.get<Host>(host_address);
    const auto wanted =
        std::max(over.times(10).value_or(Amount::max()), context.params().min_slash);
    const auto taken = std::min(host.bond, wanted);
    host.bond = host.bond - taken;
    state.put(host_address, host);

    const auto to_payer = taken.share_down(1, 2);
    const auto subject = ledger::retag<Hash>(id);
    context.emit(EventKind::slashed, host_address, taken, subject);
    credit(state, payer, to_payer);
    context.emit(EventKind::compensated, payer, to_payer, subject);
    burn(state, taken - to_payer);
}

}  // namespace

Verdict apply(State& state, const Context& context, const ChannelDispute& dispute)
{
    const auto& receipt = dispute.receipt;
    const auto& id = receipt.channel_id;
    auto channel = state.find<Channel>(id);
    if (!channel) return Rejection::unknown_channel;
    if (context.sender != channel->config.payer &&
        context.sender != channel->config.payer_authorizer)
        return Rejection::not_a_party;
    if (!channel->pending) return Rejection::nothing_pending;

    const auto over = dispute.kind == DisputeKind::claim ? over_claimed(receipt, *channel->pending)
                                                         : over_charged(state, receipt, *channel);
    if (!over) return over.error();
    if (!signed_by(channel->config.receiver_authorizer, receipt_digest(context.network, receipt),
                   dispute.receipt_signature) ||
        !voucher_signed(channel->config, voucher_digest(context.network, id, receipt.max_claimable),
                        dispute.voucher_signature))
        return Rejection::wrong_signature;

    const auto host = host_of(state, *channel);
    const auto payer = channel->config.payer;
    end_claim(state, context, id, *channel, channel->pending->total - *over);
    slash(state, context, host, payer, *over, id);
    return {};
}

}  // namespace market
