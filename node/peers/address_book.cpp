#include "node/peers/address_book.hpp"

#include "ledger/crypto/hash.hpp"

#include <algorithm>

namespace node {
namespace {

using ledger::ByteView;
using ledger::PublicKey;
using L = BookLimits;

/// Nobody has tested it: what bounds new peers is their source.
const IpBytes& first_ip(const KnownPeer& peer)
{
    return peer.record.addresses.front().ip;
}

}  // namespace

std::uint64_t AddressBook::hash(std::string_view what, ByteView a, ByteView b,
                                std::uint64_t number) const
{
    // Every piece has one length for each `what`, so that no two inputs look alike.
    ledger::Sha256 hasher;
    hasher.update(salt_.view());
    hasher.update(ledger::as_bytes(what));
    hasher.update(a);
    hasher.update(b);
    std::array<std::uint8_t, 8> bytes{};
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
    hasher.update(bytes);
    const auto digest = hasher.finish();
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value = value << 8 | digest.bytes[i];
    return value;
}

AddressBook::Slot AddressBook::new_slot(const KnownPeer& peer) const
{
    const auto group = netgroup_of(first_ip(peer));
    const auto within =
        hash("new/group", group.view(), peer.source.view()) % L::new_buckets_of_source;
    const auto bucket = hash("new/bucket", peer.source.view(), {}, within) % L::new_buckets;
    const auto slot = hash("new/slot", peer.record.key.view(), {}, bucket) % L::slots;
    return static_cast<Slot>(bucket * L::slots + slot);
}

AddressBook::Slot AddressBook::tried_slot(const KnownPeer& peer) const
{
    const auto group = netgroup_of(peer.answered->ip);
    const auto within = hash("tried/key", peer.record.key.view()) % L::tried_buckets_of_group;
    const auto bucket = hash("tried/bucket", group.view(), {}, within) % L::tried_buckets;
    const auto slot = hash("tried/slot", peer.record.key.view(), {}, bucket) % L::slots;
    return static_cast<Slot>(bucket * L::slots + slot);
}

bool AddressBook::is_gone(const KnownPeer& peer, ledger::TimeMs now) const
{
    if (peer.record.expires_s * 1000 <= now.value) return true;
    if (peer.failures >= L::failures) return true;
    return peer.last_success.value != 0 && peer.last_success.value + L::stale_ms < now.value;
}

bool AddressBook::place_new(KnownPeer peer, ledger::TimeMs now)
{
    peer.tried = false;
    const auto slot = new_slot(peer);
    const auto held = new_.find(slot);
    if (held != new_.end()) {
        if (!is_gone(peers_.at(held->second), now)) return false;
        std::erase(waiting_, held->second);
        peers_.erase(held->second);
    }
    const auto key = peer.record.key;
    new_[slot] = key;
    peers_.insert_or_assign(key, std::move(peer));
    return true;
}

bool AddressBook::add(const AddressRecord& record, const IpBytes& source, ledger::TimeMs now)
{
    KnownPeer peer{record, netgroup_of(source), {}, {}, 0, false, {}};
    const auto found = peers_.find(record.key);
    if (found == peers_.end()) return place_new(std::move(peer), now);
    auto& known = found->second;
    if (record.sequence <= known.record.sequence) return false;
    if (record.addresses == known.record.addresses) {
        known.record = record;
        return true;
    }
    // It moved: what we knew of the old place says nothing about the new one.
    forget(record.key);
    return place_new(std::move(peer), now);
}

void AddressBook::tried_to_reach(const PublicKey& peer, ledger::TimeMs now)
{
    if (const auto found = peers_.find(peer); found != peers_.end()) found->second.last_try = now;
}

void AddressBook::failed(const PublicKey& peer, ledger::TimeMs now)
{
    const auto found = peers_.find(peer);
    if (found == peers_.end()) return;
    found->second.last_try = now;
    if (found->second.failures < L::failures) ++found->second.failures;
}

void AddressBook::promote(KnownPeer& peer)
{
    new_.erase(new_slot(peer));
    tried_[tried_slot(peer)] = peer.record.key;
    peer.tried = true;
}

void AddressBook::answered_elsewhere(KnownPeer& peer, const NetAddress& address)
{
    auto moved = peer;
    moved.answered = address;
    const auto from = tried_slot(peer), to = tried_slot(moved);
    // Where the place is held the peer stays where it was: it did answer there.
    if (from != to && tried_.contains(to)) return;
    tried_.erase(from);
    tried_[to] = peer.record.key;
    peer.answered = address;
}

void AddressBook::succeeded(const PublicKey& key, const NetAddress& address, ledger::TimeMs now)
{
    const auto found = peers_.find(key);
    if (found == peers_.end()) return;
    auto& peer = found->second;
    const auto& named = peer.record.addresses;
    if (std::find(named.begin(), named.end(), address) == named.end()) return;
    peer.last_try = peer.last_success = now;
    peer.failures = 0;
    if (peer.tried) return answered_elsewhere(peer, address);
    peer.answered = address;
    if (!tried_.contains(tried_slot(peer))) {
        std::erase(waiting_, key);
        return promote(peer);
    }
    if (std::find(waiting_.begin(), waiting_.end(), key) != waiting_.end()) return;
    if (waiting_.size() < L::collisions) waiting_.push_back(key);
}

void AddressBook::forget(const PublicKey& key)
{
    const auto found = peers_.find(key);
    if (found == peers_.end()) return;
    auto& table = found->second.tried ? tried_ : new_;
    table.erase(found->second.tried ? tried_slot(found->second) : new_slot(found->second));
    std::erase(waiting_, key);
    peers_.erase(found);
}

const KnownPeer* AddressBook::next_test() const
{
    for (const auto& key : waiting_) {
        const auto holder = tried_.find(tried_slot(peers_.at(key)));
        if (holder != tried_.end()) return &peers_.at(holder->second);
    }
    return nullptr;
}

void AddressBook::settle(ledger::TimeMs now)
{
    std::vector<KnownPeer> evicted;
    std::erase_if(waiting_, [&](const PublicKey& key) {
        auto& peer = peers_.at(key);
        const auto holder = tried_.find(tried_slot(peer));
        if (holder == tried_.end()) {
            promote(peer);
            return true;
        }
        auto& old = peers_.at(holder->second);
        if (old.last_success.value + L::retest_ms > now.value && old.failures == 0) return true;
        if (old.failures == 0) return false;  // not tested yet
        // The old one failed its test: back to `new`, or out where its place is taken.
        evicted.push_back(old);
        peers_.erase(holder->second);
        tried_.erase(holder);
        promote(peer);
        return true;
    });
    for (auto& peer : evicted) place_new(std::move(peer), now);
}

const KnownPeer* AddressBook::choose(ledger::Random& random, ledger::TimeMs now,
                                     bool only_new) const
{
    const bool from_tried = !only_new && !tried_.empty() && (new_.empty() || random.below(2) == 0);
    const auto& table = from_tried ? tried_ : new_;
    if (table.empty()) return nullptr;
    // By bucket first, so that a full bucket weighs no more than one with a single peer.
    const auto buckets = from_tried ? L::tried_buckets : L::new_buckets;
    for (unsigned attempt = 0; attempt < 200; ++attempt) {
        const auto bucket = static_cast<Slot>(random.below(buckets));
        auto slot =
            table.lower_bound(static_cast<Slot>(bucket * L::slots + random.below(L::slots)));
        if (slot == table.end()) slot = table.begin();
        const auto& peer = peers_.at(slot->second);
        if (is_gone(peer, now)) continue;
        // Chance in thousandths: two thirds for each failure, a hundredth within ten minutes.
        std::uint64_t chance = 1'000;
        for (std::uint32_t i = 0; i < peer.failures; ++i) chance = chance * 2 / 3;
        if (peer.last_try.value + 600'000 > now.value) chance /= 100;
        if (random.below(1'000) < chance + attempt * 5) return &peer;
    }
    return nullptr;
}

std::vector<AddressRecord> AddressBook::sample(ledger::Random& random, ledger::TimeMs now,
                                               std::size_t count) const
{
    std::vector<const KnownPeer*> alive;
    for (const auto& [key, peer] : peers_)
        if (!is_gone(peer, now)) alive.push_back(&peer);
    const auto wanted = std::min(count, (alive.size() + 3) / 4);
    std::vector<AddressRecord> records;
    for (std::size_t i = 0; i < wanted; ++i) {
        std::swap(alive[i], alive[i + random.below(alive.size() - i)]);
        records.push_back(alive[i]->record);
    }
    return records;
}

const KnownPeer* AddressBook::find(const PublicKey& peer) const
{
    const auto found = peers_.find(peer);
    return found == peers_.end() ? nullptr : &found->second;
}

std::vector<KnownPeer> AddressBook::entries() const
{
    std::vector<KnownPeer> all;
    for (const auto& [key, peer] : peers_) all.push_back(peer);
    return all;
}

void AddressBook::restore(const std::vector<KnownPeer>& entries, ledger::TimeMs now)
{
    for (const auto& entry : entries) {
        if (entry.record.addresses.empty() || peers_.contains(entry.record.key)) continue;
        if (is_gone(entry, now)) continue;
        if (!entry.tried || !entry.answered || tried_.contains(tried_slot(entry))) {
            place_new(entry, now);
            continue;
        }
        tried_[tried_slot(entry)] = entry.record.key;
        peers_[entry.record.key] = entry;
    }
}

}  // namespace node
