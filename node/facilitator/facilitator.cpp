#include "node/facilitator/facilitator.hpp"

#include "ledger/crypto/address.hpp"
#include "market/signing.hpp"
#include "node/payment/payment_answers.hpp"
#include "node/payment/x402_errors.hpp"

#include <algorithm>

namespace node {

using ledger::Amount;
using nlohmann::json;
using x402::Scheme;

namespace {

// The packages' words for what only facilitators say.
constexpr std::string_view network_mismatch = "network_mismatch";
constexpr std::string_view unknown_asset = "asset_not_deployed_contract";
constexpr std::string_view name_mismatch = "invalid_exact_evm_token_name_mismatch";
constexpr std::string_view version_mismatch = "invalid_exact_evm_token_version_mismatch";
constexpr std::string_view key_required = "facilitator_key_required";
constexpr std::string_view exceeds_amount = "invalid_upto_evm_payload_settlement_exceeds_amount";

const x402::Payment* payment_of(const FacilitatorRequest& request)
{
    return std::get_if<x402::Payment>(&request.payment);
}

}  // namespace

Refused make_refused(std::string_view reason, const std::optional<ledger::Address>& payer,
                     std::string message)
{
    return {std::string{reason}, std::move(message), payer};
}

Facilitator::Facilitator(const market::Network& network, const LedgerPort& ledger,
                         const SettleMemory& memory, const FacilitatorTerms& terms)
    : network_{network},
      ledger_{ledger},
      memory_{memory},
      terms_{terms},
      network_name_{"eip155:" + std::to_string(network.genesis.chain_id.value)}
{
}

json Facilitator::supported() const
{
    const auto account = ledger::to_checksum(terms_.account);
    json kinds = json::array();
    for (const auto scheme : {Scheme::exact, Scheme::upto, Scheme::batch}) {
        if (scheme == Scheme::upto && terms_.servers.empty()) continue;
        json kind{
            {"x402Version", 2}, {"scheme", x402::name_of(scheme)}, {"network", network_name_}};
        if (scheme == Scheme::upto) kind["extra"] = {{"facilitatorAddress", account}};
        kinds.push_back(std::move(kind));
    }
    return {{"kinds", std::move(kinds)},
            {"extensions", json::array()},
            {"signers", {{"eip155:*", json::array({account})}}}};
}

Facilitator::Answer<void> Facilitator::check_requirements(
    const FacilitatorRequest& request, const std::optional<ledger::Hash>& key) const
{
    const auto& wanted = request.requirements;
    const auto& asset = network_.genesis.asset;
    if (wanted.network != network_name_) return make_refused(network_mismatch);
    if (wanted.asset != asset.address) return make_refused(unknown_asset);
    if (wanted.name && *wanted.name != asset.name) return make_refused(name_mismatch);
    if (wanted.version && *wanted.version != asset.version) return make_refused(version_mismatch);
    const auto* payment = payment_of(request);
    if (!payment) return {};
    if (payment->accepted.scheme != x402::name_of(wanted.scheme))
        return make_refused(x402::unsupported_scheme);
    if (wanted.scheme == Scheme::upto &&
        std::none_of(terms_.servers.begin(), terms_.servers.end(), [&](const auto& server) {
            return server.key_sha256 == key && server.pay_to == wanted.pay_to;
        }))
        return make_refused(key_required, {}, "permits are settled for servers that are known");
    if (payment->accepted.network != wanted.network) return make_refused(network_mismatch);
    return {};
}

Facilitator::Answer<void> Facilitator::check_single_payment(const Requirements& wanted,
                                                            const SinglePayment& payment,
                                                            Amount amount) const
{
    Taken taken;
    taken.scheme = wanted.scheme;
    taken.amount = amount;
    taken.pay_to = wanted.pay_to;
    OfferTerms terms;
    terms.facilitator = terms_.account;
    const auto& reasons = reasons_of(payment.scheme);
    if (spent_by(ledger_, payment.scheme, payment.payer, payment.nonce))
        return Refused{std::string{reasons.nonce_used}, {}, payment.payer};
    const auto good = check_single(network_, ledger_, terms, taken, payment, terms_.checks);
    if (!good) return Refused{good.error().reason, good.error().message, payment.payer};
    // What the ledger refuses whoever asks.
    if (payment.pay_to.is_zero() || (!network_.mints() && !ledger_.split(payment.pay_to)))
        return Refused{std::string{reasons.recipient},
                       "this network moves its token to models alone", payment.payer};
    return {};
}

Facilitator::Answer<Verified> Facilitator::verify(const FacilitatorRequest& request,
                                                  const std::optional<ledger::Hash>& key) const
{
    if (const auto good = check_requirements(request, key); !good) return good.error();
    const auto& wanted = request.requirements;
    const auto* payment = payment_of(request);
    if (!payment) return make_refused(x402::payload_type);
    if (const auto* batch = std::get_if<x402::BatchPayload>(&payment->payload))
        return verify_batch(wanted, *batch);
    const auto* permit = std::get_if<market::PermitSettle>(&payment->payload);
    const auto single =
        permit ? SinglePayment{network_, *permit}
               : SinglePayment{network_, std::get<market::TransferWithAuth>(payment->payload)};
    if (const auto good = check_single_payment(wanted, single, wanted.amount); !good)
        return good.error();
    return Verified{single.payer};
}

Facilitator::Answer<SettleOrder> Facilitator::order(const FacilitatorRequest& request,
                                                    const std::optional<ledger::Hash>& key) const
{
    if (const auto good = check_requirements(request, key); !good) return good.error();
    if (const auto* claim = std::get_if<ClaimAction>(&request.payment)) return order_claim(*claim);
    if (const auto* action = std::get_if<SettleAction>(&request.payment))
        return order_settle(*action);
    if (const auto* refund = std::get_if<RefundAction>(&request.payment))
        return order_refund(*refund);
    const auto& payload = payment_of(request)->payload;
    if (const auto* batch = std::get_if<x402::BatchPayload>(&payload))
        return order_deposit(request.requirements, *batch);
    if (const auto* permit = std::get_if<market::PermitSettle>(&payload))
        return order_single(request.requirements, {network_, *permit});
    return order_single(request.requirements,
                        {network_, std::get<market::TransferWithAuth>(payload)});
}

Facilitator::Answer<SettleOrder> Facilitator::order_single(const Requirements& wanted,
                                                           const SinglePayment& payment) const
{
    const bool upto = payment.scheme == Scheme::upto;
    SettleOrder order;
    order.payer = payment.payer;
    order.amount = wanted.amount;
    order.once = {payment.scheme, payment.payer, payment.nonce, payment.digest};
    // Also of what settled before: it may have been another server's.
    if (payment.pay_to != wanted.pay_to)
        return Refused{std::string{reasons_of(payment.scheme).recipient}, {}, payment.payer};
    if (!upto && payment.most != wanted.amount)
        return Refused{std::string{reasons_of(payment.scheme).amount}, {}, payment.payer};
    // What was sent for a permit before said its price, whatever is asked for now.
    const auto sent = memory_.owed(payment.digest);
    if (sent) order.amount = sent->amount;
    if (sent && is_settled(*order.once)) {
        order.settled = sent->transaction;
        return order;
    }
    // A permit was verified for its ceiling and settles for what was done.
    const auto good = check_single_payment(wanted, payment, upto ? payment.most : wanted.amount);
    if (!good) return good.error();
    if (*order.amount > payment.most)
        return Refused{std::string{exceeds_amount}, {}, payment.payer};
    if (order.amount->is_zero()) return order;  // nothing was done, nothing moves
    add_step(order, payment.digest, payment.settled_at(*order.amount),
             reasons_of(payment.scheme).transaction_failed);
    return order;
}

void Facilitator::add_step(SettleOrder& order, const ledger::Hash& key, market::Message message,
                           std::string_view failed) const
{
    order.cost = order.cost.plus(network_.params().min_fee).value_or(Amount::max());
    order.steps.push_back({key, std::move(message), failed});
}

bool Facilitator::is_settled(const SettleOrder::Once& once) const
{
    return spent_by(ledger_, once.scheme, once.payer, once.nonce) == once.digest;
}

json Facilitator::channel_json(const market::ChannelId& id) const
{
    Standing standing;
    standing.on_ledger = ledger_.channel(id);
    auto state = channel_state(id, standing, {});
    // A claim whose window is open has been made: its server must not make it again.
    state.total_claimed = claimed_total(standing.on_ledger);
    auto made = x402::to_json(state);
    made.erase("chargedCumulativeAmount");
    return made;
}

}  // namespace node
