#include "market/rules/channel_rules.hpp"
#include "market/signing.hpp"
#include "market/state/money.hpp"
#include "node/facilitator/facilitator.hpp"
#include "node/payment/x402_errors.hpp"

#include <algorithm>

// The scheme batch-settlement at a facilitator: what a server of channels asks for.
namespace node {

using ledger::Amount;

namespace {

constexpr std::string_view authorizer_missing =
    "invalid_batch_settlement_evm_authorizer_not_configured";
constexpr std::string_view claim_failed = "invalid_batch_settlement_evm_claim_transaction_failed";
constexpr std::string_view settle_failed = "invalid_batch_settlement_evm_settle_transaction_failed";
constexpr std::string_view nothing_to_settle = "invalid_batch_settlement_evm_nothing_to_settle";
constexpr std::string_view delay_out_of_range =
    "invalid_batch_settlement_evm_withdraw_delay_out_of_range";

/// What the config says against what the server wants; empty when it fits.
std::string_view mismatch(const Requirements& wanted, const market::ChannelConfig& config)
{
    if (config.receiver != wanted.pay_to) return x402::receiver_mismatch;
    if (!wanted.receiver_authorizer || wanted.receiver_authorizer->is_zero() ||
        config.receiver_authorizer != *wanted.receiver_authorizer)
        return x402::receiver_authorizer_mismatch;
    if (config.token != wanted.asset) return x402::token_mismatch;
    const auto delay = config.withdraw_delay.value;
    if (wanted.withdraw_delay && delay != *wanted.withdraw_delay)
        return x402::withdraw_delay_mismatch;
    if (delay < market::ChannelLimits::min_withdraw_delay_s ||
        delay > market::ChannelLimits::max_withdraw_delay_s)
        return delay_out_of_range;
    return {};
}

}  // namespace

Facilitator::Answer<Verified> Facilitator::verify_batch(const Requirements& wanted,
                                                        const x402::BatchPayload& payload) const
{
    const auto& payer = payload.config.payer;
    if (const auto wrong = mismatch(wanted, payload.config); !wrong.empty())
        return make_refused(wrong, payer);
    if (const auto good = check_voucher(network_, payload); !good)
        return make_refused(good.error().reason, payer);
    const auto channel = ledger_.channel(payload.channel);
    auto balance = channel ? channel->balance : Amount{};
    if (payload.deposit) {
        OfferTerms terms;
        terms.min_deposit = terms_.min_deposit;
        const auto nonce = market::deposit_nonce(payload.channel, payload.deposit->salt);
        if (ledger_.spent_by(payer, nonce))
            return make_refused(x402::deposit_transaction_failed, payer);
        const auto good = check_deposit(network_, ledger_, terms, *payload.deposit, terms_.checks);
        if (!good) return make_refused(good.error().reason, payer);
        balance = balance.plus(payload.deposit->amount).value_or(Amount::max());
    } else if (balance.is_zero()) {
        return make_refused(x402::channel_not_found, payer);
    }
    if (payload.max_claimable > balance)
        return make_refused(x402::cumulative_exceeds_balance, payer);
    const auto claimed = claimed_total(channel);
    const bool below = payload.type == x402::PayloadType::refund ? payload.max_claimable < claimed
                                                                 : payload.max_claimable <= claimed;
    if (below) return make_refused(x402::cumulative_below_claimed, payer);
    return Verified{payer, payload.channel};
}

Facilitator::Answer<SettleOrder> Facilitator::order_deposit(const Requirements& wanted,
                                                            const x402::BatchPayload& payload) const
{
    const auto& payer = payload.config.payer;
    // Vouchers stay with their server until it claims.
    if (!payload.deposit) return make_refused(x402::payload_type, payer);
    SettleOrder order;
    order.payer = payer;
    order.amount = payload.deposit->amount;
    order.channel = payload.channel;
    const auto digest = market::deposit_digest(network_, *payload.deposit);
    const auto nonce = market::deposit_nonce(payload.channel, payload.deposit->salt);
    order.once = {x402::Scheme::batch, payer, nonce, digest};
    // Also of what settled before: it may have been for another server's channel.
    if (const auto wrong = mismatch(wanted, payload.config); !wrong.empty())
        return make_refused(wrong, payer);
    if (const auto good = check_voucher(network_, payload); !good)
        return make_refused(good.error().reason, payer);
    if (const auto sent = memory_.owed(digest); sent && is_settled(*order.once)) {
        order.settled = sent->transaction;
        return order;
    }
    if (const auto good = verify_batch(wanted, payload); !good) return good.error();
    if (!ledger_.channel(payload.channel)) {
        market::Channel opened;
        opened.config = payload.config;
        const auto bytes = market::entry_bytes<market::Channel>(payload.channel, opened);
        order.cost = network_.params().byte_deposit.times(bytes).value_or(Amount::max());
    }
    add_step(order, nonce, *payload.deposit, x402::deposit_transaction_failed);
    return order;
}

bool Facilitator::window_over(const market::Channel& channel) const
{
    return channel.pending && channel.pending->end_ms <= ledger_.head().time.value;
}

void Facilitator::add_finalize(SettleOrder& order,
                               const std::vector<market::ChannelId>& channels) const
{
    market::ChannelFinalize message;
    for (const auto& id : channels) {
        const auto channel = ledger_.channel(id);
        if (!channel || !window_over(*channel)) continue;
        if (message.channels.size() == FacilitatorLimits::claims) break;
        message.channels.push_back(id);
        order.amount = order.amount.value_or(Amount{})
                           .plus(channel->pending->total - channel->total_claimed)
                           .value_or(Amount::max());
    }
    if (message.channels.empty()) return;
    order.finalized = message.channels;
    const auto key = ledger::sha256(market::encode_message(market::Message{message}));
    add_step(order, key, std::move(message), settle_failed);
}

/// Claims those rows that add something; what was claimed before settles first where it can.
Facilitator::Answer<void> Facilitator::add_claim(SettleOrder& order,
                                                 const ClaimAction& action) const
{
    if (!action.signature) return make_refused(authorizer_missing);
    std::vector<market::ChannelId> channels;
    std::vector<market::ClaimEntry> entries;
    for (const auto& row : action.rows) {
        const auto id = market::channel_id(network_, row.config);
        const auto channel = ledger_.channel(id);
        if (!channel) return make_refused(x402::channel_not_found, row.config.payer);
        if (channel->pending && !window_over(*channel))
            return make_refused(claim_failed, row.config.payer,
                                "a claim is pending until its dispute window is over");
        channels.push_back(id);
        entries.push_back({id, {row.max_claimable.micros()}, {row.total_claimed.micros()}});
        order.claimed.emplace_back(row.config.receiver, id);
    }
    const auto digest = market::claim_batch_digest(network_, entries);
    for (const auto& row : action.rows)
        if (!market::signed_by(row.config.receiver_authorizer, digest, *action.signature))
            return make_refused(claim_failed, row.config.payer,
                                "not the receiver authorizer's claim");
    add_finalize(order, channels);
    order.amount.reset();
    add_step(order, digest, market::ChannelClaim{action.rows, *action.signature}, claim_failed);
    return {};
}

Facilitator::Answer<SettleOrder> Facilitator::order_claim(const ClaimAction& action) const
{
    if (action.rows.empty()) return make_refused(claim_failed, {}, "there is nothing to claim");
    SettleOrder order;
    if (const auto good = add_claim(order, action); !good) return good.error();
    return order;
}

Facilitator::Answer<SettleOrder> Facilitator::order_settle(const SettleAction& action) const
{
    if (action.token != network_.genesis.asset.address) return make_refused(x402::token_mismatch);
    SettleOrder order;
    order.receiver = action.receiver;
    add_finalize(order, memory_.claimed_for(action.receiver));
    if (order.steps.empty())
        return make_refused(nothing_to_settle, {},
                            "nothing that was claimed here is past its dispute window");
    return order;
}

Facilitator::Answer<SettleOrder> Facilitator::order_refund(const RefundAction& action) const
{
    const auto& payer = action.config.payer;
    const auto id = market::channel_id(network_, action.config);
    const auto channel = ledger_.channel(id);
    if (!channel) return make_refused(x402::channel_not_found, payer);
    if (!action.signature) return make_refused(authorizer_missing, payer);
    // What the ledger would refuse is not paid for, and stands in no real refund's way.
    const auto digest = market::refund_digest(network_, id, action.nonce, action.amount);
    if (action.nonce != channel->refund_nonce ||
        !market::signed_by(action.config.receiver_authorizer, digest, *action.signature))
        return make_refused(x402::refund_transaction_failed, payer,
                            "not the receiver authorizer's next refund");
    SettleOrder order;
    order.payer = payer;
    order.channel = id;
    auto claimed = claimed_total(channel);
    ClaimAction adding{{}, action.claims.signature};
    for (const auto& row : action.claims.rows)
        if (row.total_claimed > claimed) adding.rows.push_back(row);
    if (!adding.rows.empty()) {
        // Its signature covers all of the batch or nothing.
        if (adding.rows.size() != action.claims.rows.size())
            return make_refused(x402::refund_transaction_failed, payer, "a row claims nothing new");
        if (const auto good = add_claim(order, adding); !good) return good.error();
        for (const auto& row : adding.rows)
            if (market::channel_id(network_, row.config) == id)
                claimed = std::max(claimed, row.total_claimed);
    }
    const auto refunded =
        std::min(action.amount, channel->balance.minus(claimed).value_or(Amount{}));
    if (refunded.is_zero()) return make_refused(x402::refund_no_balance, payer);
    order.amount = refunded;
    const market::ChannelRefund refund{action.config, action.amount, action.nonce,
                                       *action.signature};
    add_step(order, digest, refund, x402::refund_transaction_failed);
    return order;
}

}  // namespace node
