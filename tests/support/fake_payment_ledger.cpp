#include "tests/support/fake_payment_ledger.hpp"

#include "market/hash_chain.hpp"
#include "market/signing.hpp"

#include <algorithm>
#include <utility>

namespace node {

using ledger::Amount;
using market::Rejection;

std::optional<market::Channel> FakePaymentLedger::channel(const market::ChannelId& id) const
{
    const auto found = channels.find(id);
    if (found == channels.end()) return {};
    return found->second;
}

Amount FakePaymentLedger::balance(const ledger::Address& account) const
{
    const auto found = balances.find(account);
    return found == balances.end() ? Amount{} : found->second;
}

std::optional<market::Split> FakePaymentLedger::split(const ledger::Address& address) const
{
    const auto found = splits.find(address);
    if (found == splits.end()) return {};
    return found->second;
}

std::optional<market::Host> FakePaymentLedger::host(const ledger::Address& account) const
{
    const auto found = hosts.find(account);
    if (found == hosts.end()) return {};
    return found->second;
}

std::optional<ledger::Hash> FakePaymentLedger::spent_by(const ledger::Address& account,
                                                        const ledger::Hash& nonce) const
{
    const auto found = spent.find({account, nonce});
    return found == spent.end() ? std::nullopt : std::optional{found->second};
}

std::optional<ledger::Hash> FakePaymentLedger::permit_spent_by(const ledger::Address& account,
                                                               const ledger::Hash& nonce) const
{
    const auto found = spent_permits.find({account, nonce});
    return found == spent_permits.end() ? std::nullopt : std::optional{found->second};
}

std::vector<DatedSheet> FakePaymentLedger::sheets(const market::ModelId& model,
                                                  market::Version ver) const
{
    const auto found = prices.find({model, ver});
    return found == prices.end() ? std::vector<DatedSheet>{} : found->second;
}

ledger::Result<ledger::TxId> FakePaymentLedger::submit(const market::Message& message, Done done)
{
    if (refuse_submissions) return ledger::Error{ledger::ErrorKind::full, "the mempool is full"};
    ledger::TxId id;
    id.bytes[0] = 0xcd;
    for (std::size_t i = 0; i < 8; ++i)
        id.bytes[31 - i] = static_cast<std::uint8_t>(sent_ >> (8 * i));
    ++sent_;
    waiting_.push_back({message, std::move(done)});
    if (on_submit) on_submit();
    return id;
}

bool FakePaymentLedger::settle_next(bool lose)
{
    if (waiting_.empty()) return false;
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    Settled outcome{Settled::What::lost, {}};
    if (!lose) {
        const auto rejection = apply(next.message);
        outcome = {rejection == Rejection::none ? Settled::What::applied : Settled::What::refused,
                   rejection};
        if (rejection == Rejection::none)
            applied.push_back(next.message);
        else
            refused.emplace_back(next.message, rejection);
    }
    if (next.done) next.done(outcome);
    return true;
}

void FakePaymentLedger::halt()
{
    for (std::size_t i = 0; i < waiting_.size(); ++i)
        if (const auto done = std::exchange(waiting_[i].done, nullptr))
            done({Settled::What::dropped, {}});
}

void FakePaymentLedger::forget_waiters()
{
    for (auto& waiting : waiting_) waiting.done = nullptr;
}

Rejection FakePaymentLedger::apply(const market::Message& message)
{
    if (const auto* m = std::get_if<market::ChannelDeposit>(&message)) return deposit(*m);
    if (const auto* m = std::get_if<market::ChannelClaim>(&message)) return claim(*m);
    if (const auto* m = std::get_if<market::ChannelChainClaim>(&message)) return chain_claim(*m);
    if (const auto* m = std::get_if<market::ChannelFinalize>(&message)) return finalize(*m);
    if (const auto* m = std::get_if<market::ChannelRefund>(&message)) return refund(*m);
    if (const auto* m = std::get_if<market::PermitSettle>(&message)) return permit(*m);
    return transfer(std::get<market::TransferWithAuth>(message));
}

bool FakePaymentLedger::window_holds(std::uint64_t after, std::uint64_t before) const
{
    const auto now = head_.time.value / 1000;
    return after < now && now < before;
}

Rejection FakePaymentLedger::deposit(const market::ChannelDeposit& message)
{
    const auto id = market::channel_id(network_, message.config);
    const auto nonce = market::deposit_nonce(id, message.salt);
    const auto& payer = message.config.payer;
    if (!window_holds(message.valid_after, message.valid_before))
        return Rejection::authorization_expired;
    if (spent.contains({payer, nonce})) return Rejection::authorization_used;
    if (balance(payer) < message.amount) return Rejection::insufficient_funds;
    if (!market::signed_by(payer, market::deposit_digest(network_, message), message.signature))
        return Rejection::wrong_signature;
    spent[{payer, nonce}] = market::deposit_digest(network_, message);
    balances[payer] = balances[payer] - message.amount;
    auto& channel = channels[id];
    channel.config = message.config;
    channel.balance = channel.balance + message.amount;
    return Rejection::none;
}

Rejection FakePaymentLedger::claim(const market::ChannelClaim& message)
{
    std::vector<market::ClaimEntry> entries;
    for (const auto& row : message.rows) {
        const auto id = market::channel_id(network_, row.config);
        const auto found = channels.find(id);
        if (found == channels.end()) return Rejection::unknown_channel;
        const auto& channel = found->second;
        if (channel.pending) return Rejection::claim_pending;
        if (row.total_claimed <= channel.total_claimed) return Rejection::claim_not_above_the_last;
        if (row.total_claimed > row.max_claimable) return Rejection::claim_above_the_ceiling;
        if (row.max_claimable > channel.balance) return Rejection::ceiling_above_the_balance;
        const auto digest = market::voucher_digest(network_, id, row.max_claimable);
        if (!market::voucher_signed(row.config, digest, row.voucher_signature))
            return Rejection::wrong_signature;
        if (!uses_add_up(row.config.receiver, row.uses, row.total_claimed - channel.total_claimed))
            return Rejection::uses_do_not_add_up;
        entries.push_back({id, {row.max_claimable.micros()}, {row.total_claimed.micros()}});
    }
    if (!market::signed_by(message.rows.front().config.receiver_authorizer,
                           market::claim_batch_digest(network_, entries), message.claim_signature))
        return Rejection::wrong_signature;
    for (std::size_t i = 0; i < entries.size(); ++i)
        channels[entries[i].channel_id].pending = {
            message.rows[i].total_claimed, message.rows[i].max_claimable, message.rows[i].uses,
            head_.time.value + w_disp_ms};
    return Rejection::none;
}

bool FakePaymentLedger::uses_add_up(const ledger::Address& receiver,
                                    const std::vector<market::VersionUse>& uses, Amount added) const
{
    if (splits.at(receiver).ver != market::model_line) return uses.empty();
    Amount sum;
    for (const auto& use : uses) sum = sum + use.amount;
    return uses.size() <= 8 && sum == added;
}

Rejection FakePaymentLedger::chain_claim(const market::ChannelChainClaim& message)
{
    for (const auto& row : message.rows) {
        const auto id = market::channel_id(network_, row.config);
        const auto found = channels.find(id);
        if (found == channels.end()) return Rejection::unknown_channel;
        const auto& channel = found->second;
        if (channel.pending) return Rejection::claim_pending;
        if (!market::well_formed(row.chain)) return Rejection::malformed_chain;
        const auto total = *market::worth(row.chain, row.index);
        if (total <= channel.total_claimed) return Rejection::claim_not_above_the_last;
        if (total > channel.balance) return Rejection::ceiling_above_the_balance;
        if (!chains.contains({id, row.chain.root}) && row.chain.base < channel.total_claimed)
            return Rejection::chain_below_the_last_claim;
        if (!uses_add_up(row.config.receiver, row.uses, total - channel.total_claimed))
            return Rejection::uses_do_not_add_up;
        if (!market::voucher_signed(row.config,
                                    market::chain_voucher_digest(network_, id, row.chain),
                                    row.voucher_signature))
            return Rejection::wrong_signature;
        if (row.index > row.chain.length ||
            market::ChainHasher{id}.down(row.link, row.index) != row.chain.root)
            return Rejection::link_not_of_the_chain;
    }
    for (const auto& row : message.rows) {
        const auto id = market::channel_id(network_, row.config);
        const auto total = *market::worth(row.chain, row.index);
        auto& to = earned[row.config.receiver];
        to = to + (total - channels[id].total_claimed);
        channels[id].total_claimed = total;
        chains.insert({id, row.chain.root});
    }
    return Rejection::none;
}

Rejection FakePaymentLedger::finalize(const market::ChannelFinalize& message)
{
    for (const auto& id : message.channels) {
        const auto& pending = channels[id].pending;
        if (!pending) return Rejection::nothing_pending;
        if (head_.time.value < pending->end_ms) return Rejection::window_not_over;
    }
    for (const auto& id : message.channels) {
        auto& channel = channels[id];
        auto& to = earned[channel.config.receiver];
        to = to + (channel.pending->total - channel.total_claimed);
        channel.total_claimed = channel.pending->total;
        channel.pending.reset();
    }
    return Rejection::none;
}

Rejection FakePaymentLedger::refund(const market::ChannelRefund& message)
{
    const auto id = market::channel_id(network_, message.config);
    auto& channel = channels[id];
    if (message.nonce != channel.refund_nonce) return Rejection::wrong_refund_nonce;
    if (!market::signed_by(message.config.receiver_authorizer,
                           market::refund_digest(network_, id, message.nonce, message.amount),
                           message.refund_signature))
        return Rejection::wrong_signature;
    const auto paid = std::min(message.amount, channel.free());
    ++channel.refund_nonce;
    channel.balance = channel.balance - paid;
    balances[message.config.payer] = balance(message.config.payer) + paid;
    return Rejection::none;
}

Rejection FakePaymentLedger::transfer(const market::TransferWithAuth& message)
{
    if (!window_holds(message.valid_after, message.valid_before))
        return Rejection::authorization_expired;
    if (spent.contains({message.from, message.nonce})) return Rejection::authorization_used;
    if (balance(message.from) < message.value) return Rejection::insufficient_funds;
    spent[{message.from, message.nonce}] = market::transfer_authorization_digest(network_, message);
    balances[message.from] = balances[message.from] - message.value;
    earned[message.to] = earned[message.to] + message.value;
    return Rejection::none;
}

Rejection FakePaymentLedger::permit(const market::PermitSettle& message)
{
    const auto now = head_.time.value / 1000;
    const auto digest = market::permit_digest(network_, message);
    if (now < message.witness.valid_after || message.deadline < now)
        return Rejection::authorization_expired;
    if (sender != message.witness.facilitator) return Rejection::not_the_facilitator;
    if (message.actual.is_zero() || message.actual > message.permitted.amount)
        return Rejection::above_what_is_permitted;
    if (!market::signed_by(message.from, digest, message.signature))
        return Rejection::wrong_signature;
    if (spent_permits.contains({message.from, message.nonce})) return Rejection::authorization_used;
    if (balance(message.from) < message.actual) return Rejection::insufficient_funds;
    spent_permits[{message.from, message.nonce}] = digest;
    balances[message.from] = balances[message.from] - message.actual;
    auto& to = earned[message.witness.to];
    to = to + message.actual;
    return Rejection::none;
}

}  // namespace node
