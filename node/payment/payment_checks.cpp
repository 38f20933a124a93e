#include "node/payment/payment_checks.hpp"

#include "market/authorization.hpp"
#include "market/signing.hpp"
#include "node/payment/x402_errors.hpp"

#include <algorithm>

namespace node {
namespace {

using market::Amount;

x402::Refusal refuse(std::string_view reason)
{
    return {402, std::string{reason}};
}

}  // namespace

Check check_config(const market::Network& network, const HostIdentity& host,
                   const OfferTerms& terms, const Taken& taken, const market::ChannelConfig& config)
{
    if (config.token != network.genesis.asset.address) return refuse(x402::token_mismatch);
    if (config.receiver != taken.pay_to) return refuse(x402::receiver_mismatch);
    if (config.receiver_authorizer != host.authorizer)
        return refuse(x402::receiver_authorizer_mismatch);
    if (config.withdraw_delay.value != terms.withdraw_delay_s)
        return refuse(x402::withdraw_delay_mismatch);
    return {};
}

Check check_channel(const market::Network& network, const HostIdentity& host,
                    const OfferTerms& terms, const Taken& taken, const x402::BatchPayload& payload)
{
    const auto good = check_config(network, host, terms, taken, payload.config);
    return good ? check_voucher(network, payload) : good;
}

Check check_voucher(const market::Network& network, const x402::BatchPayload& payload)
{
    const auto& config = payload.config;
    if (payload.channel != market::channel_id(network, config))
        return refuse(x402::channel_id_mismatch);
    const auto digest = market::voucher_digest(network, payload.channel, payload.max_claimable);
    if (!market::voucher_signed(config, digest, payload.signature))
        return refuse(x402::voucher_signature);
    return {};
}

Amount claimed_total(const std::optional<market::Channel>& channel)
{
    if (!channel) return {};
    return channel->pending ? std::max(channel->pending->total, channel->total_claimed)
                            : channel->total_claimed;
}

Check check_ceiling(const Standing& standing, Amount max_claimable, Amount amount)
{
    if (max_claimable < standing.ledger_total) return refuse(x402::cumulative_below_claimed);
    if (standing.charged.plus(amount) != max_claimable)
        return refuse(x402::cumulative_amount_mismatch);
    return {};
}

Check check_cover(const Standing& standing, Amount max_claimable, Amount deposit,
                  ledger::TimeMs now, const CheckLimits& limits)
{
    auto covered = standing.balance().plus(deposit);
    if (standing.on_ledger && standing.on_ledger->withdraw) {
        const auto& withdraw = *standing.on_ledger->withdraw;
        if (withdraw.end_ms < now.value + limits.withdrawal_margin_ms)
            return refuse(x402::withdrawal_ending);
        // It takes of a deposit, too, that comes after it: refunds may have left less than it asks.
        if (covered) covered = covered->minus(withdraw.amount).value_or(Amount{});
    }
    if (!covered || max_claimable > *covered) return refuse(x402::cumulative_exceeds_balance);
    return {};
}

Check check_deposit(const market::Network& network, const LedgerPort& ledger,
                    const OfferTerms& terms, const market::ChannelDeposit& deposit,
                    const CheckLimits& limits)
{
    const auto now_s = ledger.head().time.value / 1000;
    if (deposit.amount < std::max(terms.min_deposit, network.params().min_deposit))
        return refuse(x402::deposit_below_min_deposit);
    if (deposit.valid_after >= now_s) return refuse(x402::deposit_valid_after);
    if (deposit.valid_before <= now_s + limits.authorization_margin_s ||
        deposit.valid_before > now_s + market::authorization_seconds)
        return refuse(x402::deposit_valid_before);
    if (!market::signed_by(deposit.config.payer, market::deposit_digest(network, deposit),
                           deposit.signature))
        return refuse(x402::deposit_signature);
    if (ledger.balance(deposit.config.payer) < deposit.amount)
        return refuse(x402::deposit_insufficient_balance);

    const auto split = ledger.split(deposit.config.receiver);
    const auto host = split ? ledger.host(split->host) : std::nullopt;
    if (!host || host->unbond_end_ms != 0) return refuse(x402::deposit_transaction_failed);
    return {};
}

Check check_single(const market::Network& network, const LedgerPort& ledger,
                   const OfferTerms& terms, const Taken& taken, const SinglePayment& payment,
                   const CheckLimits& limits)
{
    const auto& reasons = reasons_of(payment.scheme);
    const auto now_s = ledger.head().time.value / 1000;
    if (const auto* permit = std::get_if<market::PermitSettle>(&payment.message)) {
        if (permit->spender != market::upto_spender) return refuse(x402::upto_spender);
        if (permit->witness.facilitator != terms.facilitator)
            return refuse(x402::upto_facilitator_mismatch);
        if (permit->permitted.token != network.genesis.asset.address)
            return refuse(x402::upto_token_mismatch);
    }
    if (payment.pay_to != taken.pay_to) return refuse(reasons.recipient);
    if (payment.most != taken.amount) return refuse(reasons.amount);
    if (payment.valid_after > now_s) return refuse(reasons.not_yet_valid);
    if (payment.valid_before <= now_s + limits.authorization_margin_s ||
        payment.valid_before > now_s + market::authorization_seconds)
        return refuse(reasons.expired);
    if (!market::signed_by(payment.payer, payment.digest, payment.signature))
        return refuse(reasons.signature);
    if (ledger.balance(payment.payer) < payment.most) return refuse(reasons.balance);
    return {};
}

}  // namespace node
