#include "market/authorization.hpp"
#include "market/rules/channel_rules.hpp"
#include "market/rules/host_rules.hpp"
#include "market/settlement.hpp"
#include "market/signing.hpp"
#include "market/state/money.hpp"

namespace market {
namespace {

bool holds_now(const std::optional<Agreement>& agreement, const Context& context)
{
    return agreement && (agreement->until_ms == 0 || agreement->until_ms > context.now_ms());
}

bool version_served(const View& view, const Context& context, const Split& split, Version ver)
{
    const auto version = view.find<VersionRecord>({split.model, ver});
    return version && version->yanked_ms == 0 &&
           holds_now(agreement_for(view, split.model, ver, split.host), context);
}

/// New money goes only to what is served now. A line is served while one of its newest versions is.
bool served(const View& view, const Context& context, const Split& split)
{
    if (split.ver != model_line) return version_served(view, context, split, split.ver);
    constexpr std::uint32_t newest = 64;
    const auto versions = view.get<Model>(split.model).versions;
    for (std::uint32_t i = 0; i < newest && i < versions; ++i)
        if (version_served(view, context, split, Version{versions - i})) return true;
    return false;
}

Verdict check_terms(const View& view, const Context& context, const ChannelConfig& config)
{
    const auto delay = config.withdraw_delay.value;
    if (config.payer.is_zero() || config.receiver_authorizer.is_zero() ||
        delay < ChannelLimits::min_withdraw_delay_s || delay > ChannelLimits::max_withdraw_delay_s)
        return Rejection::bad_channel_terms;
    if (config.token != context.network.genesis.asset.address) return Rejection::wrong_asset;

    const auto split = view.find<Split>(config.receiver);
    if (!split) return Rejection::receiver_not_a_split;
    const auto host = view.find<Host>(split->host);
    if (!host) return Rejection::not_a_host;
    if (host->unbond_end_ms != 0) return Rejection::host_is_unbonding;
    if (host->bond < context.params().min_bond) return Rejection::bond_too_small;
    if (!key_active(view, split->host, config.receiver_authorizer))
        return Rejection::authorizer_not_a_key_of_the_host;
    if (!served(view, context, *split)) return Rejection::receiver_not_served;
    return {};
}

}  // namespace

Verdict apply(State& state, const Context& context, const ChannelDeposit& deposit)
{
    const auto& config = deposit.config;
    if (const auto good = check_terms(state, context, config); !good) return good;
    if (deposit.amount.is_zero() || deposit.amount < context.params().min_deposit)
        return Rejection::deposit_too_small;

    const auto id = channel_id(context.network, config);
    const auto nonce = deposit_nonce(id, deposit.salt);
    if (const auto good = check_authorization(state, context, config.payer, nonce,
                                              deposit.valid_after, deposit.valid_before);
        !good)
        return good;
    const auto digest = deposit_digest(context.network, deposit);
    if (!signed_by(config.payer, digest, deposit.signature)) return Rejection::wrong_signature;
    if (const auto taken = debit(state, config.payer, deposit.amount); !taken) return taken;

    auto channel = state.find<Channel>(id);
    if (channel && !key_was_active(state, host_of(state, *channel), config.receiver_authorizer,
                                   channel->opened_ms))
        return Rejection::authorizer_not_a_key_of_the_host;  // nothing could ever be claimed
    if (!channel) {
        channel = Channel{};
        channel->config = config;
        channel->opened_ms = context.now_ms();
        channel->settled_ms = context.now_ms();
        const auto locked =
            lock_deposit(state, context, context.sender, entry_bytes<Channel>(id, *channel));
        if (!locked) return locked.error();
    }
    const auto balance = channel->balance.plus(deposit.amount);
    if (!balance) return Rejection::bad_channel_terms;
    channel->balance = *balance;
    state.put(id, *channel);
    spend_authorization(state, config.payer, nonce, deposit.valid_before, digest);
    context.emit(EventKind::deposited, config.payer, deposit.amount, ledger::retag<Hash>(id));
    return {};
}

}  // namespace market
