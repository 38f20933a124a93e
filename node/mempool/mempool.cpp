#include "node/mempool/mempool.hpp"

#include "market/rules/credit_rules.hpp"

#include <algorithm>
#include <queue>

namespace node {

using namespace ledger;
using market::CheckedTransaction;

MempoolFault mempool_fault(market::EnvelopeFault fault)
{
    switch (fault) {
        case market::EnvelopeFault::wrong_nonce:
            return MempoolFault::nonce_too_far;
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
        case market::EnvelopeFault::hashing_used_up:
            return MempoolFault::pool_full;
    }
    return MempoolFault::expired;
}

ReplayKey replay_key(const CheckedTransaction& transaction)
{
    const auto& envelope = transaction.envelope;
    return {envelope.sender, envelope.lane, envelope.nonce};
}

Mempool::Mempool(const market::Network& network, MempoolLimits limits)
    : network_{network}, limits_{limits}
{
}

unsigned Mempool::class_of(const CheckedTransaction& transaction, market::AccountClass sender) const
{
    if (network_.mints()) return 0;
    // Whoever sends it: what a validator did wrong must not wait behind what there is much of.
    if (std::holds_alternative<market::ValidatorEvidence>(transaction.message))
        sender = market::AccountClass::system;
    return static_cast<unsigned>(sender);
}

Mempool::Rank Mempool::rank_of(const CheckedTransaction& transaction, unsigned priority,
                               std::uint64_t arrival)
{
    return {priority,
            transaction.envelope.fee.times(1024).value_or(Amount::max()).micros() /
                transaction.encoded.size(),
            ~arrival};
}

bool Mempool::same_lane(const ReplayKey& a, const ReplayKey& b)
{
    return a.sender == b.sender && a.lane == b.lane;
}

Result<void, MempoolFault> Mempool::add(CheckedTransaction transaction, const market::View& view,
                                        TimeMs now)
{
    const auto key = replay_key(transaction);
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
        return mempool_fault(good.error());

    const auto cost = cost_of(network_, transaction);
    const auto old = entries_.find(key);
    const auto account = accounts_.find(key.sender);
    auto waiting = account == accounts_.end() ? Waiting{} : account->second;
    const auto count = waiting.count;
    if (old != entries_.end()) waiting.remove(old->second);
    const auto total = waiting.cost.plus(cost);
    if (!total || *total > view.get<market::Account>(key.sender).balance)
        return MempoolFault::balance_too_low;
    const auto allowed = market::allowance(view, network_, key.sender, now);
    if (!allowed || waiting.bytes + transaction.encoded.size() > allowed->bytes)
        return MempoolFault::quota_used_up;

    if (old != entries_.end()) {
        const auto paid = old->second.transaction.envelope.fee;
        const auto bump = std::max(paid.share_up(limits_.bump_percent, 100), limits_.min_bump);
        const auto least = paid.plus(bump);
        if (!least || envelope.fee < *least) return MempoolFault::replacement_too_cheap;
    } else if (count >= limits_.per_account) {
        return MempoolFault::account_full;
    }
    const auto* replaced = old == entries_.end() ? nullptr : &old->second;
    const bool pending =
        replaced ? replaced->pending : next_nonce(view, key.sender, key.lane) == key.nonce;
    const auto priority = class_of(transaction, allowed->account_class);
    const auto victims = room_for(key, rank_of(transaction, priority, arrivals_),
                                  transaction.encoded.size(), pending, replaced);
    if (!victims) return MempoolFault::pool_full;

    // From here on nothing fails.
    for (const auto& victim : *victims) evict(victim);
    if (replaced) erase(old, MempoolFault::replaced);
    insert({std::move(transaction), cost, arrivals_++, priority, false});
    relink(key.sender, key.lane, next);
    return {};
}

void Mempool::Waiting::add(const Entry& entry)
{
    ++count;
    cost = cost + entry.cost;
    bytes += entry.transaction.encoded.size();
}

void Mempool::Waiting::remove(const Entry& entry)
{
    --count;
    cost = cost - entry.cost;
    bytes -= entry.transaction.encoded.size();
}

void Mempool::insert(Entry entry)
{
    const auto& transaction = entry.transaction;
    const auto key = replay_key(transaction);
    bytes_ += transaction.encoded.size();
    gapped_bytes_ += transaction.encoded.size();
    by_id_.emplace(transaction.id, key);
    by_wire_id_.emplace(transaction.wire_id, key);
    if (const auto until = transaction.envelope.valid_until; until != 0)
        expiries_.emplace(until, key);
    accounts_[key.sender].add(entry);
    entries_.emplace(key, std::move(entry));
}

void Mempool::erase(Entries::iterator entry, MempoolFault why)
{
    const auto& transaction = entry->second.transaction;
    departures_.push_back({transaction.id, transaction.wire_id, why});
    const auto size = transaction.encoded.size();
    bytes_ -= size;
    if (entry->second.pending)
        --pending_;
    else
        gapped_bytes_ -= size;
    by_id_.erase(transaction.id);
    by_wire_id_.erase(transaction.wire_id);
    heads_.erase({rank_of(entry->second), entry->first});
    tails_.erase({rank_of(entry->second), entry->first});
    expiries_.erase({transaction.envelope.valid_until, entry->first});
    const auto account = accounts_.find(entry->first.sender);
    account->second.remove(entry->second);
    if (account->second.count == 0) accounts_.erase(account);
    entries_.erase(entry);
}

/// Says anew what of a lane is pending, and which entries are its first and its last.
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
        const Ranked here{rank_of(entry), at->first};
        if (at == first && pending)
            heads_.insert(here);
        else
            heads_.erase(here);
        if (behind == entries_.end() || !same_lane(behind->first, at->first))
            tails_.insert(here);
        else
            tails_.erase(here);
    }
}

Mempool::Entries::iterator Mempool::before_in_lane(Entries::iterator entry)
{
    if (entry == entries_.begin()) return entries_.end();
    const auto before = std::prev(entry);
    return same_lane(before->first, entry->first) ? before : entries_.end();
}

std::optional<std::vector<Mempool::Entries::iterator>> Mempool::room_for(
    const ReplayKey& key, const Rank& rank, std::size_t size, bool pending, const Entry* replaced)
{
    const std::size_t leaving = replaced ? replaced->transaction.encoded.size() : 0;
    auto bytes = bytes_ + size - leaving;
    auto count = entries_.size() + (replaced ? 0 : 1);
    std::vector<Entries::iterator> victims;
    if (!pending && gapped_bytes_ + size - leaving > limits_.bytes / 100 * limits_.gapped_percent)
        return {};

    // The cheapest last of a lane goes, if it is cheaper than what comes, and then what stood
    // before it; what is gapped displaces nothing, and nobody displaces what he builds on.
    auto tail = tails_.begin();
    std::set<Ranked> uncovered;
    while (bytes > limits_.bytes || count > limits_.transactions) {
        while (tail != tails_.end() && tail->second.sender == key.sender) ++tail;
        const bool from_tails =
            tail != tails_.end() && (uncovered.empty() || *tail < *uncovered.begin());
        if (!pending || (!from_tails && uncovered.empty())) return {};
        const auto cheapest = from_tails ? *tail : *uncovered.begin();
        if (!(cheapest.first < rank)) return {};
        if (from_tails)
            ++tail;
        else
            uncovered.erase(uncovered.begin());

        const auto victim = entries_.find(cheapest.second);
        victims.push_back(victim);
        bytes -= victim->second.transaction.encoded.size();
        --count;
        if (const auto before = before_in_lane(victim); before != entries_.end())
            uncovered.emplace(rank_of(before->second), before->first);
    }
    return victims;
}

/// Erases the last of a lane.
void Mempool::evict(Entries::iterator entry)
{
    const auto before = before_in_lane(entry);
    erase(entry, MempoolFault::pool_full);
    if (before != entries_.end()) tails_.emplace(rank_of(before->second), before->first);
}

std::vector<CheckedTransaction> Mempool::select(std::size_t most_bytes,
                                                std::size_t most_transactions,
                                                const IsUsed& is_used) const
{
    using At = Entries::const_iterator;
    const auto cheaper = [](const std::pair<Rank, At>& a, const std::pair<Rank, At>& b) {
        return a.first < b.first;
    };
    // What follows a chosen one waits beside the heads of the other lanes.
    std::priority_queue<std::pair<Rank, At>, std::vector<std::pair<Rank, At>>, decltype(cheaper)>
        followers{cheaper};
    auto head = heads_.rbegin();
    std::vector<CheckedTransaction> chosen;
    std::size_t bytes = 0;
    while ((head != heads_.rend() || !followers.empty()) && chosen.size() < most_transactions) {
        At at;
        if (followers.empty() || (head != heads_.rend() && followers.top().first < head->first)) {
            at = entries_.find(head->second);
            ++head;
        } else {
            at = followers.top().second;
            followers.pop();
        }
        if (!is_used || !is_used(at->first)) {
            const auto size = at->second.transaction.encoded.size();
            if (bytes + size > most_bytes) break;
            bytes += size;
            chosen.push_back(at->second.transaction);
        }
        const auto behind = std::next(at);
        if (behind != entries_.end() && same_lane(behind->first, at->first) &&
            behind->second.pending)
            followers.emplace(rank_of(behind->second), behind);
    }
    return chosen;
}

const CheckedTransaction* Mempool::any_unused(const IsUsed& is_used) const
{
    for (auto head = heads_.rbegin(); head != heads_.rend(); ++head) {
        const auto first = entries_.find(head->second);
        for (auto at = first;
             at != entries_.end() && same_lane(at->first, first->first) && at->second.pending; ++at)
            if (!is_used(at->first)) return &at->second.transaction;
    }
    return nullptr;
}

void Mempool::on_block(const std::set<Address>& accounts, const market::View& view, TimeMs now)
{
    auto touched = accounts;
    for (const auto& [until, key] : expiries_) {
        if (until >= now.value / 1000) break;
        touched.insert(key.sender);
    }
    for (const auto& sender : touched) {
        const auto balance = view.get<market::Account>(sender).balance;
        const auto allowed = market::allowance(view, network_, sender, now);
        Waiting kept;
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
            const auto with = kept.cost.plus(here->second.cost);
            const auto bytes = kept.bytes + here->second.transaction.encoded.size();
            const bool over = envelope.valid_until != 0 && envelope.valid_until < now.value / 1000;
            if (envelope.nonce < next)
                erase(here, MempoolFault::nonce_used);
            else if (over)
                erase(here, MempoolFault::expired);
            else if (!with || *with > balance)
                erase(here, MempoolFault::balance_too_low);
            else if (!allowed)
                erase(here, MempoolFault::not_admitted);
            else if (bytes > allowed->bytes)
                erase(here, MempoolFault::quota_used_up);
            else
                kept.add(here->second);
        }
        for (const auto& [which, from] : lanes) relink(sender, which, from);
    }
}

void Mempool::drop(const TxId& id, MempoolFault why)
{
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return;
    const auto key = found->second;
    erase(entries_.find(key), why);
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

const CheckedTransaction* Mempool::find(const WireId& id) const
{
    const auto found = by_wire_id_.find(id);
    return found == by_wire_id_.end() ? nullptr : &entries_.at(found->second).transaction;
}

bool Mempool::is_pending(const ReplayKey& key) const
{
    const auto found = entries_.find(key);
    return found != entries_.end() && found->second.pending;
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
    std::map<Address, Waiting> accounts;
    std::size_t heads = 0;
    std::size_t tails = 0;
    std::size_t expiring = 0;
    for (auto at = entries_.begin(); at != entries_.end(); ++at) {
        const auto& transaction = at->second.transaction;
        const auto size = transaction.encoded.size();
        bytes += size;
        if (at->second.pending)
            ++pending;
        else
            gapped += size;
        accounts[at->first.sender].add(at->second);
        ensure(by_id_.at(transaction.id) == at->first &&
                   by_wire_id_.at(transaction.wire_id) == at->first,
               "every entry is found by its ids");
        const Ranked here{rank_of(at->second), at->first};
        const auto behind = std::next(at);
        if (behind == entries_.end() || !same_lane(behind->first, at->first)) {
            ++tails;
            ensure(tails_.contains(here), "every tail is known");
        }
        const bool first = at == entries_.begin() || !same_lane(std::prev(at)->first, at->first);
        if (first && at->second.pending) {
            ++heads;
            ensure(heads_.contains(here), "every head is known");
        }
        ensure(first || !at->second.pending ||
                   (std::prev(at)->second.pending &&
                    std::prev(at)->first.nonce.value + 1 == at->first.nonce.value),
               "what is pending has no gap before it");
        if (const auto until = transaction.envelope.valid_until; until != 0) {
            ++expiring;
            ensure(expiries_.contains({until, at->first}), "every expiry is known");
        }
    }
    ensure(bytes == bytes_ && gapped == gapped_bytes_ && pending == pending_, "the sums hold");
    ensure(by_id_.size() == entries_.size() && by_wire_id_.size() == entries_.size() &&
               heads == heads_.size() && tails == tails_.size() && expiring == expiries_.size(),
           "the indexes agree");
    ensure(accounts == accounts_, "the accounts add up");
    ensure(bytes <= limits_.bytes && entries_.size() <= limits_.transactions, "the bounds hold");
}

}  // namespace node
