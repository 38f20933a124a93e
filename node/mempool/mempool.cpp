#include "node/mempool/mempool.hpp"

#include <algorithm>
#include <queue>

namespace node {

using namespace ledger;
using market::CheckedTransaction;

namespace {

struct Spends {
    Amount operator()(const market::Transfer& m) const { return m.amount; }
    Amount operator()(const market::HostRegister& m) const { return m.bond; }
    template <class M>
    Amount operator()(const M&) const
    {
        return {};
    }
};

ReplayKey key_of(const CheckedTransaction& transaction)
{
    const auto& envelope = transaction.envelope;
    return {envelope.sender, envelope.lane, envelope.nonce};
}

MempoolFault to_fault(market::EnvelopeFault fault)
{
    switch (fault) {
        case market::EnvelopeFault::wrong_nonce:
            return MempoolFault::nonce_used;
        case market::EnvelopeFault::expired:
            return MempoolFault::expired;
        case market::EnvelopeFault::valid_too_long:
            return MempoolFault::valid_too_long;
        case market::EnvelopeFault::fee_too_low:
            return MempoolFault::fee_too_low;
        case market::EnvelopeFault::fee_not_zero:
            return MempoolFault::fee_not_zero;
        case market::EnvelopeFault::fee_not_covered:
            return MempoolFault::balance_too_low;
        case market::EnvelopeFault::not_admitted:
            return MempoolFault::not_admitted;
        case market::EnvelopeFault::quota_used_up:
            return MempoolFault::quota_used_up;
    }
    return MempoolFault::expired;
}

}  // namespace

Amount cost_of(const CheckedTransaction& transaction)
{
    const auto moved = std::visit(Spends{}, transaction.message);
    return transaction.envelope.fee.plus(moved).value_or(Amount::max());
}

Mempool::Mempool(const market::Network& network, MempoolLimits limits)
    : network_{network}, limits_{limits}
{
}

Mempool::Rank Mempool::rank_of(const Entry& entry)
{
    const auto& transaction = entry.transaction;
    return {transaction.envelope.fee.times(1024).value_or(Amount::max()).micros() /
                transaction.encoded.size(),
            ~entry.arrival};
}

Result<void, MempoolFault> Mempool::add(CheckedTransaction transaction, const market::View& view,
                                        TimeMs now)
{
    const auto key = key_of(transaction);
    const auto& envelope = transaction.envelope;
    if (by_id_.contains(transaction.id)) return MempoolFault::known;

    const auto next = market::next_nonce(view, key.sender, key.lane);
    if (key.nonce < next) return MempoolFault::nonce_used;
    if (key.nonce.value - next.value > limits_.nonce_window) return MempoolFault::nonce_too_far;
    auto as_next = envelope;
    as_next.nonce = next;
    if (const auto good =
            market::check_envelope(view, network_, as_next, transaction.encoded.size(), now);
        !good)
        return to_fault(good.error());

    const auto cost = cost_of(transaction);
    const auto old = entries_.find(key);
    const auto account = accounts_.find(key.sender);
    const auto [count, spent] =
        account == accounts_.end() ? std::pair<std::size_t, Amount>{} : account->second;
    const auto others = old == entries_.end() ? spent : spent - old->second.cost;
    const auto total = others.plus(cost);
    if (!total || *total > view.get<market::Account>(key.sender).balance)
        return MempoolFault::balance_too_low;

    if (old != entries_.end()) {
        const auto paid = old->second.transaction.envelope.fee;
        const auto bump = std::max(paid.share_up(limits_.bump_percent, 100), limits_.min_bump);
        const auto least = paid.plus(bump);
        if (!least || envelope.fee < *least) return MempoolFault::replacement_too_cheap;
        erase(old);
    } else {
        if (count >= limits_.per_account) return MempoolFault::account_full;
        Entry incoming{transaction, cost, arrivals_, false};
        const auto pending = next_nonce(view, key.sender, key.lane) == key.nonce;
        if (const auto room = make_room(incoming, pending); !room) return room;
    }
    insert(std::move(transaction), cost);
    relink(key.sender, key.lane, next);
    return {};
}

Mempool::Entries::iterator Mempool::insert(CheckedTransaction transaction, Amount cost)
{
    const auto key = key_of(transaction);
    bytes_ += transaction.encoded.size();
    gapped_bytes_ += transaction.encoded.size();
    by_id_.emplace(transaction.id, key);
    auto& account = accounts_[key.sender];
    ++account.first;
    account.second = account.second + cost;
    return entries_.emplace(key, Entry{std::move(transaction), cost, arrivals_++, false}).first;
}

void Mempool::erase(Entries::iterator entry)
{
    const auto& transaction = entry->second.transaction;
    const auto size = transaction.encoded.size();
    bytes_ -= size;
    if (entry->second.pending)
        --pending_;
    else
        gapped_bytes_ -= size;
    by_id_.erase(transaction.id);
    tails_.erase({rank_of(entry->second), entry->first});
    const auto account = accounts_.find(entry->first.sender);
    account->second.second = account->second.second - entry->second.cost;
    if (--account->second.first == 0) accounts_.erase(account);
    entries_.erase(entry);
}

/// Says anew what of a lane is pending, and which entry is its last.
void Mempool::relink(const Address& sender, Lane lane, Nonce next)
{
    auto expected = next.value;
    const auto first = entries_.lower_bound({sender, lane, {0}});
    for (auto at = first;
         at != entries_.end() && at->first.sender == sender && at->first.lane == lane; ++at) {
        auto& entry = at->second;
        const bool pending = at->first.nonce.value == expected;
        if (pending) ++expected;
        if (pending != entry.pending) {
            const auto size = entry.transaction.encoded.size();
            if (pending)
                ++pending_, gapped_bytes_ -= size;
            else
                --pending_, gapped_bytes_ += size;
            entry.pending = pending;
        }
        const auto behind = std::next(at);
        const bool last = behind == entries_.end() || behind->first.sender != sender ||
                          behind->first.lane != lane;
        if (last)
            tails_[{rank_of(entry), at->first}] = true;
        else
            tails_.erase({rank_of(entry), at->first});
    }
}

Result<void, MempoolFault> Mempool::make_room(const Entry& incoming, bool pending)
{
    const auto size = incoming.transaction.encoded.size();
    if (!pending && gapped_bytes_ + size > limits_.bytes / 100 * limits_.gapped_percent)
        return MempoolFault::pool_full;
    const auto rank = rank_of(incoming);
    const auto sender = incoming.transaction.envelope.sender;
    while (bytes_ + size > limits_.bytes || entries_.size() >= limits_.transactions) {
        // The cheapest last of a lane goes, if it is cheaper than what comes; what is gapped
        // displaces nothing, and nobody displaces what he builds on.
        const auto victim = tails_.begin();
        if (!pending || victim == tails_.end() || !(victim->first.first < rank) ||
            victim->first.second.sender == sender)
            return MempoolFault::pool_full;
        const auto key = victim->first.second;
        erase(entries_.find(key));
        const auto before = entries_.lower_bound(key);
        if (before != entries_.begin()) {
            const auto last = std::prev(before);
            if (last->first.sender == key.sender && last->first.lane == key.lane)
                tails_[{rank_of(last->second), last->first}] = true;
        }
    }
    return {};
}

std::vector<CheckedTransaction> Mempool::select(std::size_t most_bytes,
                                                std::size_t most_transactions) const
{
    using At = Entries::const_iterator;
    const auto cheaper = [](const At& a, const At& b) {
        return rank_of(a->second) < rank_of(b->second);
    };
    std::priority_queue<At, std::vector<At>, decltype(cheaper)> heads{cheaper};
    for (auto at = entries_.begin(); at != entries_.end(); ++at) {
        const bool first = at == entries_.begin() ||
                           std::prev(at)->first.sender != at->first.sender ||
                           std::prev(at)->first.lane != at->first.lane;
        if (first && at->second.pending) heads.push(at);
    }
    std::vector<CheckedTransaction> chosen;
    std::size_t bytes = 0;
    while (!heads.empty() && chosen.size() < most_transactions) {
        const auto at = heads.top();
        heads.pop();
        const auto size = at->second.transaction.encoded.size();
        if (bytes + size > most_bytes) break;
        bytes += size;
        chosen.push_back(at->second.transaction);
        const auto behind = std::next(at);
        if (behind != entries_.end() && behind->first.sender == at->first.sender &&
            behind->first.lane == at->first.lane && behind->second.pending)
            heads.push(behind);
    }
    return chosen;
}

void Mempool::on_block(const std::set<Address>& senders, const market::View& view, TimeMs now)
{
    for (const auto& sender : senders) {
        const auto balance = view.get<market::Account>(sender).balance;
        Amount spent;
        std::optional<Lane> lane;
        Nonce next;
        std::vector<std::pair<Lane, Nonce>> lanes;
        for (auto at = entries_.lower_bound({sender, {0}, {0}});
             at != entries_.end() && at->first.sender == sender;) {
            const auto here = at++;
            if (lane != here->first.lane) {
                lane = here->first.lane;
                next = market::next_nonce(view, sender, *lane);
                lanes.emplace_back(*lane, next);
            }
            const auto& envelope = here->second.transaction.envelope;
            const auto with = spent.plus(here->second.cost);
            const bool over = envelope.valid_until != 0 && envelope.valid_until < now.value / 1000;
            if (envelope.nonce < next || over || !with || *with > balance)
                erase(here);
            else
                spent = *with;
        }
        for (const auto& [which, from] : lanes) relink(sender, which, from);
    }
}

void Mempool::drop(const TxId& id)
{
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return;
    const auto key = found->second;
    erase(entries_.find(key));
    // What came before stays as it is; from here on there is a gap.
    Nonce next = key.nonce;
    for (auto at = entries_.lower_bound({key.sender, key.lane, {0}});
         at != entries_.end() && at->first.sender == key.sender && at->first.lane == key.lane; ++at)
        if (at->second.pending) {
            next = at->first.nonce;
            break;
        }
    relink(key.sender, key.lane, std::min(next, key.nonce));
}

const CheckedTransaction* Mempool::find(const TxId& id) const
{
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &entries_.at(found->second).transaction;
}

Nonce Mempool::next_nonce(const market::View& view, const Address& sender, Lane lane) const
{
    auto next = market::next_nonce(view, sender, lane);
    for (auto at = entries_.find({sender, lane, next});
         at != entries_.end() && at->first == ReplayKey{sender, lane, next}; ++at)
        ++next.value;
    return next;
}

void Mempool::check() const
{
    std::size_t bytes = 0;
    std::size_t gapped = 0;
    std::size_t pending = 0;
    std::map<Address, std::pair<std::size_t, Amount>> accounts;
    std::size_t tails = 0;
    for (auto at = entries_.begin(); at != entries_.end(); ++at) {
        const auto size = at->second.transaction.encoded.size();
        bytes += size;
        if (at->second.pending)
            ++pending;
        else
            gapped += size;
        auto& account = accounts[at->first.sender];
        ++account.first;
        account.second = account.second + at->second.cost;
        ensure(by_id_.at(at->second.transaction.id) == at->first, "every entry is found by its id");
        const auto behind = std::next(at);
        if (behind == entries_.end() || behind->first.sender != at->first.sender ||
            behind->first.lane != at->first.lane) {
            ++tails;
            ensure(tails_.contains({rank_of(at->second), at->first}), "every tail is known");
        }
    }
    ensure(bytes == bytes_ && gapped == gapped_bytes_ && pending == pending_, "the sums hold");
    ensure(by_id_.size() == entries_.size() && tails == tails_.size(), "the indexes agree");
    ensure(accounts == accounts_, "the accounts add up");
}

}  // namespace node
