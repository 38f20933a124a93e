#include "market/execute.hpp"

#include "ledger/crypto/secp256k1.hpp"
#include "market/authorization.hpp"
#include "market/beacon.hpp"
#include "market/hash_chain.hpp"
#include "market/rules/channel_rules.hpp"
#include "market/rules/credit_rules.hpp"
#include "market/rules/data_rules.hpp"
#include "market/rules/host_rules.hpp"
#include "market/rules/label_rules.hpp"
#include "market/rules/lease_rules.hpp"
#include "market/rules/model_rules.hpp"
#include "market/rules/sale_rules.hpp"
#include "market/rules/transfer_rules.hpp"
#include "market/rules/validator_rules.hpp"
#include "market/rules/verify_rules.hpp"
#include "market/settlement.hpp"
#include "market/state/money.hpp"
#include "market/validators.hpp"

#include <algorithm>
#include <limits>

namespace market {
namespace {

using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;
using ledger::TransactionLimits;

constexpr std::uint64_t day_ms = 86'400'000;

void use_nonce(State& state, const ledger::Transaction& envelope)
{
    const ledger::Nonce next{envelope.nonce.value + 1};
    if (envelope.lane.value == 0) {
        auto account = state.get<Account>(envelope.sender);
        account.nonce = next;
        state.put(envelope.sender, account);
    } else {
        state.put(LaneKey{envelope.sender, envelope.lane}, LaneNonce{next});
    }
}

bool is_issuer(const Network& network, const Address& account)
{
    const auto& issuers = network.genesis.issuers.accounts;
    return std::find(issuers.begin(), issuers.end(), account) != issuers.end();
}

/// What an admitted account has used of its quota on the day of `now`.
std::uint64_t used_today(const Admitted& admitted, TimeMs now)
{
    return admitted.day == now.value / day_ms ? admitted.used_bytes : 0;
}

void use_quota(State& state, const Network& network, const Address& sender, std::size_t bytes,
               TimeMs now)
{
    if (network.mints() || is_issuer(network, sender)) return;
    auto admitted = state.get<Admitted>(sender);
    admitted.used_bytes = used_today(admitted, now) + bytes;
    admitted.day = now.value / day_ms;
    state.put(sender, admitted);
}

/// What a message makes the ledger compute, as so many hashes of a link.
std::uint64_t hashes_of(const View& view, const Network& network, const Message& message)
{
    const auto* claim = std::get_if<ChannelChainClaim>(&message);
    if (claim) return link_hashes(view, network, *claim);
    return sale_work(view, message) + lease_work(view, message) + label_work(message);
}

Amount fee_for(const Network& network, std::uint64_t hashes)
{
    const auto more = (hashes + ChainLimits::hashes_per_fee - 1) / ChainLimits::hashes_per_fee;
    return network.params().min_fee.times(1 + more).value_or(Amount::max());
}

}  // namespace

Amount least_fee(const View& view, const Network& network, const Message& message)
{
    return fee_for(network, hashes_of(view, network, message));
}

Amount least_fee(const Network& network, const Message& message)
{
    return fee_for(network,
                   most_sale_work(message) + most_lease_work(message) + label_work(message));
}

std::optional<Allowance> allowance(const View& view, const Network& network, const Address& account,
                                   TimeMs now)
{
    constexpr auto unbounded = std::numeric_limits<std::uint64_t>::max();
    if (network.mints()) return Allowance{AccountClass::bulk, unbounded};
    if (is_issuer(network, account)) return Allowance{AccountClass::system, unbounded};
    const auto admitted = view.find<Admitted>(account);
    if (!admitted || admitted->account_class == AccountClass::closed) return {};
    const auto used = used_today(*admitted, now);
    const auto daily = admitted->bytes_per_day;
    return Allowance{admitted->account_class, daily > used ? daily - used : 0};
}

Result<CheckedTransaction> decode_checked(const Network& network, Bytes encoded)
{
    auto envelope = ledger::decode_transaction(encoded);
    if (!envelope) return envelope.error();
    if (envelope->lane.value >= TransactionLimits::lanes)
        return Error{ErrorKind::invalid, "lanes are 0 to 255"};
    if (envelope->nonce.value == ~0ull) return Error{ErrorKind::invalid, "nonce too large"};
    auto message = decode_message(envelope->type, envelope->version, envelope->body);
    if (!message) return message.error();
    const auto id = transaction_id(network.transactions, *envelope, *message);
    const auto wire = ledger::wire_id(encoded);
    return CheckedTransaction{std::move(*envelope), std::move(*message), id, wire,
                              std::move(encoded)};
}

Result<CheckedTransaction> check_transaction(const Network& network, ByteView encoded)
{
    auto checked = decode_checked(network, Bytes(encoded.begin(), encoded.end()));
    if (!checked) return checked;
    const auto signer =
        ledger::recover(ledger::retag<Hash>(checked->id), checked->envelope.signature);
    if (signer != checked->envelope.sender)
        return Error{ErrorKind::denied, "the signature is not the sender's on this chain"};
    return checked;
}

ledger::Nonce next_nonce(const View& view, const Address& account, ledger::Lane lane)
{
    if (lane.value == 0) return view.get<Account>(account).nonce;
    return view.get<LaneNonce>({account, lane}).nonce;
}

Result<void, EnvelopeFault> check_envelope(const View& view, const Network& network,
                                           const ledger::Transaction& envelope, std::size_t bytes,
                                           TimeMs now)
{
    const auto now_s = now.value / 1000;
    if (envelope.valid_until != 0 && envelope.valid_until < now_s) return EnvelopeFault::expired;
    if (envelope.valid_until > now_s + TransactionLimits::validity_seconds)
        return EnvelopeFault::valid_too_long;
    if (envelope.nonce != next_nonce(view, envelope.sender, envelope.lane))
        return EnvelopeFault::wrong_nonce;
    if (envelope.fee < network.params().min_fee) return EnvelopeFault::fee_too_low;
    // A fee would move credit from one account to another.
    if (!network.mints() && !envelope.fee.is_zero()) return EnvelopeFault::fee_not_zero;
    if (envelope.fee > view.get<Account>(envelope.sender).balance)
        return EnvelopeFault::fee_not_covered;
    const auto allowed = allowance(view, network, envelope.sender, now);
    if (!allowed) return EnvelopeFault::not_admitted;
    if (bytes > allowed->bytes) return EnvelopeFault::quota_used_up;
    return {};
}

Verdict apply_message(ledger::Overlay& overlay, const Network& network, const BlockContext& block,
                      const Address& sender, const TxId& id, const Message& message,
                      std::vector<Event>& events)
{
    ledger::Overlay scratch{overlay};
    State state{scratch};
    const auto events_before = events.size();
    const Context context{network, block.height, block.now, sender, id, events};
    const auto verdict =
        std::visit([&](const auto& m) { return apply(state, context, m); }, message);
    if (verdict) {
        overlay.apply(scratch.take());
    } else {
        events.resize(events_before);
    }
    return verdict;
}

BlockExecution::BlockExecution(const ledger::StateView& before, const Network& network,
                               const BlockContext& block)
    : network_{network}, block_{block}, overlay_{before}
{
    State state{overlay_};
    prune_authorizations(state, block.now);
    begin_block(state, block.parent);
    note_beacon(state, block.parent);
}

Result<void, EnvelopeFault> BlockExecution::add(const CheckedTransaction& transaction)
{
    const auto& envelope = transaction.envelope;
    State state{overlay_};
    if (const auto good =
            check_envelope(state, network_, envelope, transaction.encoded.size(), block_.now);
        !good)
        return good;
    // Who pays too little for its hashes gets none.
    const auto hashes = hashes_of(state, network_, transaction.message);
    const bool underpaid = envelope.fee < fee_for(network_, hashes);
    if (!underpaid) {
        if (link_hashes_ + hashes > ChainLimits::block_hashes)
            return EnvelopeFault::hashing_used_up;
        link_hashes_ += hashes;
    }
    use_nonce(state, envelope);
    use_quota(state, network_, envelope.sender, transaction.encoded.size(), block_.now);
    const auto taken = debit(state, envelope.sender, envelope.fee);
    ledger::ensure(taken.has_value(), "the fee of a good envelope is covered");
    fees_ = fees_ + envelope.fee;

    Receipt receipt{transaction.id, Status::applied, Rejection::none, envelope.fee, {}};
    // To judge evidence costs far more than its bytes: past a few, a block looks at no more.
    const bool too_much = std::holds_alternative<ValidatorEvidence>(transaction.message) &&
                          ++evidence_ > ValidatorLimits::evidence_in_a_block;
    const Verdict verdict =
        too_much    ? Verdict{Rejection::too_much_evidence}
        : underpaid ? Verdict{Rejection::fee_below_the_hashing}
                    : apply_message(overlay_, network_, block_, envelope.sender, transaction.id,
                                    transaction.message, receipt.events);
    if (!verdict) {
        receipt.status = Status::refused;
        receipt.rejection = verdict.error();
    }
    receipts_.push_back(std::move(receipt));
    return {};
}

BlockExecution::Outcome BlockExecution::finish()
{
    State state{overlay_};
    if (!fees_.is_zero()) {
        // Like any money; what it settles is no transaction's doing and stands in no receipt.
        std::vector<Event> events;
        const Context context{network_, block_.height, block_.now, block_.payout, {}, events};
        pay(state, context, block_.payout, fees_);
        fees_ = {};
    }
    auto next_set = end_block(state, network_, block_.now);
    return {overlay_.take(), std::move(receipts_), std::move(next_set)};
}

ledger::StateDiff genesis_state(const ledger::Genesis& genesis)
{
    struct Nothing final : ledger::StateView {
        std::optional<Bytes> get(ByteView) const override { return {}; }
        void scan_from(ByteView, ByteView, const Visit&) const override {}
    } const nothing;
    ledger::Overlay overlay{nothing};
    State state{overlay};
    for (const auto& balance : genesis.balances) {
        Account account;
        account.balance = balance.amount;
        state.put(balance.account, account);
    }
    Supply supply;
    supply.genesis = ledger::genesis_supply(genesis);
    state.put(Only{}, supply);
    write_genesis_validators(state, genesis);
    return overlay.take();
}

}  // namespace market
