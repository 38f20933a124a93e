#include "node/peers/peer_manager.hpp"

#include <algorithm>

namespace node {

using ledger::PublicKey;
using ledger::TimeMs;

namespace {

constexpr std::size_t retries_limit = 4'096;
constexpr unsigned choices_per_slot = 16;
constexpr std::uint64_t repeat_ms = 24ull * 3600 * 1000;

}  // namespace

std::string_view name_of(ConnectionUse use)
{
    switch (use) {
        case ConnectionUse::reserved:
            return "reserved";
        case ConnectionUse::full:
            return "full";
        case ConnectionUse::certificates_only:
            return "certificates_only";
        case ConnectionUse::feeler:
            return "feeler";
        case ConnectionUse::inbound:
            return "inbound";
    }
    return "?";
}

std::string_view name_of(Admission admission)
{
    switch (admission) {
        case Admission::taken:
            return "taken";
        case Admission::banned:
            return "banned";
        case Admission::backing_off:
            return "backing_off";
        case Admission::no_slot:
            return "no_slot";
    }
    return "?";
}

PeerManager::PeerManager(PeerLimits limits, PublicKey own, ledger::BlockId genesis,
                         ledger::Random& random)
    : limits_{limits},
      own_{own},
      genesis_{genesis},
      random_{random},
      salt_{random.next<ledger::Hash>()},
      book_{salt_}
{
}

void PeerManager::add_fixed(const PublicKey& peer, const NetAddress& address)
{
    if (peer != own_) fixed_[peer] = address;
}

void PeerManager::set_validators(std::set<PublicKey> keys)
{
    validators_ = std::move(keys);
    validators_.erase(own_);
    for (auto& [key, peer] : connected_) {
        if (is_reserved(key)) peer.use = ConnectionUse::reserved;
        // Who left the set keeps its connection as an ordinary one.
        else if (peer.use == ConnectionUse::reserved)
            peer.use = ConnectionUse::inbound;
    }
}

std::size_t PeerManager::learn(const std::vector<AddressRecord>& records, const PublicKey& from,
                               const IpBytes& source, TimeMs now)
{
    std::size_t added = 0;
    for (const auto& record : records) {
        if (record.key == own_) continue;
        const auto* known = book_.find(record.key);
        if (known != nullptr && known->record.sequence >= record.sequence) continue;
        if (const auto good = check_record(record, genesis_, now); !good) {
            // An expired record may have been good when it was sent on.
            if (good.error() == RecordFault::expired) continue;
            scores_.record(from, Deed::invalid_message, now);
            break;  // checking costs us, not the sender
        }
        const auto reachable = [&](const NetAddress& address) {
            return limits_.private_addresses || is_public(address.ip);
        };
        if (!std::all_of(record.addresses.begin(), record.addresses.end(), reachable)) continue;
        if (book_.add(record, source, now)) ++added;
    }
    return added;
}

std::vector<AddressRecord> PeerManager::records_for_peer(TimeMs now)
{
    return book_.sample(random_, now, RecordLimits::records);
}

bool PeerManager::is_reserved(const PublicKey& peer) const
{
    return fixed_.contains(peer) || validators_.contains(peer);
}

bool PeerManager::may_dial(const PublicKey& peer, TimeMs now) const
{
    if (peer == own_ || connected_.contains(peer) || pending_.contains(peer)) return false;
    if (bans_.find(peer, now)) return false;
    if (scores_.standing(peer, now) == PeerStanding::disconnected) return false;
    const auto retry = retries_.find(peer);
    return retry == retries_.end() || retry->second.next <= now;
}

bool PeerManager::netgroup_is_free(const NetAddress& address,
                                   const std::vector<DialOrder>& chosen) const
{
    const auto group = netgroup_of(address.ip);
    std::size_t same = 0;
    const auto counts = [](ConnectionUse use) {
        return use == ConnectionUse::full || use == ConnectionUse::certificates_only;
    };
    for (const auto& [key, peer] : connected_)
        same += counts(peer.use) && netgroup_of(peer.address.ip) == group;
    for (const auto& [key, dial] : pending_)
        same += counts(dial.use) && netgroup_of(dial.address.ip) == group;
    for (const auto& dial : chosen)
        same += counts(dial.use) && netgroup_of(dial.address.ip) == group;
    return same < limits_.outbound_per_netgroup;
}

std::size_t PeerManager::count(ConnectionUse use) const
{
    return static_cast<std::size_t>(std::count_if(
        connected_.begin(), connected_.end(), [&](const auto& c) { return c.second.use == use; }));
}

std::size_t PeerManager::in_use(ConnectionUse use, const std::vector<DialOrder>& orders) const
{
    std::size_t sum = count(use);
    for (const auto& [key, dial] : pending_) sum += dial.use == use;
    for (const auto& dial : orders) sum += dial.use == use;
    return sum;
}

/// Where it answered last, and after a failure any address that it says it has.
NetAddress PeerManager::where_to_dial(const KnownPeer& peer)
{
    if (peer.answered && peer.failures == 0) return *peer.answered;
    const auto& addresses = peer.record.addresses;
    return addresses[random_.below(addresses.size())];
}

void PeerManager::order(std::vector<DialOrder>& orders, const DialOrder& dial, TimeMs now)
{
    orders.push_back(dial);
    book_.tried_to_reach(dial.peer, now);
}

/// Who waits longest comes first: many that never answer must not keep the rest from their turn.
std::vector<PublicKey> PeerManager::reserved_to_dial(TimeMs now) const
{
    std::vector<std::pair<TimeMs, PublicKey>> due;
    const auto add = [&](const PublicKey& key) {
        if (!may_dial(key, now)) return;
        const auto retry = retries_.find(key);
        due.emplace_back(retry == retries_.end() ? TimeMs{} : retry->second.next, key);
    };
    for (const auto& [key, address] : fixed_) add(key);
    for (const auto& key : validators_)
        if (!fixed_.contains(key)) add(key);
    std::sort(due.begin(), due.end());
    std::vector<PublicKey> keys;
    for (const auto& [since, key] : due) keys.push_back(key);
    return keys;
}

std::vector<DialOrder> PeerManager::dials(TimeMs now)
{
    std::vector<DialOrder> orders;
    const auto room = [&] { return pending_.size() + orders.size() < limits_.pending_dials; };
    const auto chosen = [&](const PublicKey& peer) {
        return std::any_of(orders.begin(), orders.end(),
                           [&](const DialOrder& dial) { return dial.peer == peer; });
    };
    for (const auto& key : reserved_to_dial(now)) {
        if (!room()) break;
        if (const auto fixed = fixed_.find(key); fixed != fixed_.end())
            orders.push_back({key, fixed->second, ConnectionUse::reserved});
        else if (const auto* known = book_.find(key))
            order(orders, {key, where_to_dial(*known), ConnectionUse::reserved}, now);
    }
    const auto order_if_it_fits = [&](const KnownPeer& peer, ConnectionUse use) {
        const auto& key = peer.record.key;
        if (is_reserved(key) || chosen(key) || !may_dial(key, now)) return;
        // Of the very address that is dialled: the others in its record may be anybody's.
        const auto address = where_to_dial(peer);
        if (netgroup_is_free(address, orders)) order(orders, {key, address, use}, now);
    };
    // After a restart the last peers come first: that is when an eclipse would succeed.
    for (const auto& anchor : anchors_) {
        if (room() && in_use(ConnectionUse::full, orders) < limits_.full_outbound)
            order_if_it_fits(anchor, ConnectionUse::full);
    }
    const auto fill = [&](ConnectionUse use, std::size_t wanted) {
        for (unsigned i = 0; i < choices_per_slot; ++i) {
            if (!room() || in_use(use, orders) >= wanted) return;
            const auto* peer = book_.choose(random_, now, false);
            if (peer != nullptr) order_if_it_fits(*peer, use);
        }
    };
    fill(ConnectionUse::full, limits_.full_outbound);
    fill(ConnectionUse::certificates_only, limits_.certificate_outbound);

    book_.settle(now);
    if (room() && last_feeler_.value + limits_.feeler_ms <= now.value &&
        in_use(ConnectionUse::feeler, orders) == 0) {
        const auto* peer = book_.next_test();
        if (peer == nullptr) peer = book_.choose(random_, now, true);
        if (peer != nullptr && !chosen(peer->record.key) && may_dial(peer->record.key, now)) {
            order(orders, {peer->record.key, where_to_dial(*peer), ConnectionUse::feeler}, now);
            last_feeler_ = now;
        }
    }
    for (const auto& dial : orders) pending_[dial.peer] = dial;
    return orders;
}

void PeerManager::dial_failed(const DialOrder& dial, TimeMs now)
{
    dial_dropped(dial);
    book_.failed(dial.peer, now);
    std::erase_if(anchors_,
                  [&](const KnownPeer& anchor) { return anchor.record.key == dial.peer; });
    if (retries_.size() >= retries_limit && !retries_.contains(dial.peer)) {
        retries_.erase(std::min_element(
            retries_.begin(), retries_.end(),
            [](const auto& a, const auto& b) { return a.second.next < b.second.next; }));
    }
    auto& retry = retries_[dial.peer];
    const auto wait = limits_.retry_ms << std::min(retry.failures++, 20u);
    const auto pause = std::min(
        wait, is_reserved(dial.peer) ? limits_.reserved_retry_limit_ms : limits_.retry_limit_ms);
    // Spread by a quarter, so that a network that was cut does not come back in one instant.
    retry.next = {now.value + pause + random_.below(pause / 4 + 1)};
}

void PeerManager::dial_dropped(const DialOrder& dial)
{
    pending_.erase(dial.peer);
}

AdmissionVerdict PeerManager::admit(const PublicKey& peer, const NetAddress& address,
                                    const std::optional<DialOrder>& dialled, TimeMs now)
{
    if (dialled) pending_.erase(peer);
    auto use = dialled ? dialled->use : ConnectionUse::inbound;
    if (is_reserved(peer) && use != ConnectionUse::feeler) use = ConnectionUse::reserved;
    if (bans_.find(peer, now)) return {Admission::banned, use};
    if (use != ConnectionUse::reserved && scores_.standing(peer, now) == PeerStanding::disconnected)
        return {Admission::backing_off, use};
    std::optional<PublicKey> evicted;
    if (use == ConnectionUse::reserved && count(use) >= limits_.reserved)
        return {Admission::no_slot, use};
    if (use == ConnectionUse::inbound && count(use) >= limits_.inbound) {
        evicted = choose_eviction(now);
        if (!evicted) return {Admission::no_slot, use};
    }
    if (dialled) {
        book_.succeeded(peer, dialled->address, now);
        retries_.erase(peer);
    }
    connected_[peer] = {address, use, now, {}, {}};
    count_colocated(address.ip, now);
    return {Admission::taken, use, evicted};
}

void PeerManager::gone(const PublicKey& peer, TimeMs now)
{
    const auto found = connected_.find(peer);
    if (found == connected_.end()) return;
    const auto ip = found->second.address.ip;
    connected_.erase(found);
    scores_.set_colocated(peer, 0, now);
    count_colocated(ip, now);
}

void PeerManager::count_colocated(const IpBytes& ip, TimeMs now)
{
    // On a private network everybody may sit behind one address.
    if (limits_.private_addresses && !is_public(ip)) return;
    std::vector<PublicKey> there;
    for (const auto& [key, peer] : connected_)
        if (peer.address.ip == ip && !is_reserved(key)) there.push_back(key);
    for (const auto& key : there) scores_.set_colocated(key, there.size(), now);
}

void PeerManager::record(const PublicKey& peer, Deed deed, TimeMs now)
{
    scores_.record(peer, deed, now);
    const auto found = connected_.find(peer);
    if (found != connected_.end() && deed == Deed::delivered_first) found->second.last_useful = now;
}

void PeerManager::measured(const PublicKey& peer, std::chrono::milliseconds round_trip)
{
    const auto found = connected_.find(peer);
    if (found == connected_.end()) return;
    auto& least = found->second.round_trip;
    if (!least || round_trip < *least) least = round_trip;
}

PeerStanding PeerManager::standing(const PublicKey& peer, TimeMs now) const
{
    return scores_.standing(peer, now);
}

std::int64_t PeerManager::score(const PublicKey& peer, TimeMs now) const
{
    return scores_.score(peer, now);
}

void PeerManager::ban(const PublicKey& peer, std::string reason, TimeMs now)
{
    if (is_reserved(peer)) return;
    if (repeats_.size() >= BanList::limit && !repeats_.contains(peer)) {
        repeats_.erase(std::min_element(
            repeats_.begin(), repeats_.end(),
            [](const auto& a, const auto& b) { return a.second.until < b.second.until; }));
    }
    auto& repeat = repeats_[peer];
    if (repeat.until.value + repeat_ms < now.value) repeat.times = 0;
    repeat.until = {now.value + (limits_.ban_ms << std::min(repeat.times++, 6u))};
    bans_.ban(peer, repeat.until, std::move(reason));
}

std::vector<PublicKey> PeerManager::take_disconnects(TimeMs now)
{
    std::vector<PublicKey> out;
    for (const auto& [key, peer] : connected_) {
        if (is_reserved(key)) continue;
        if (bans_.find(key, now) || scores_.standing(key, now) == PeerStanding::disconnected)
            out.push_back(key);
    }
    return out;
}

bool PeerManager::one_netgroup_alarm() const
{
    if (connected_.size() < 2) return false;
    const auto first = netgroup_of(connected_.begin()->second.address.ip);
    return std::all_of(connected_.begin(), connected_.end(),
                       [&](const auto& c) { return netgroup_of(c.second.address.ip) == first; });
}

}  // namespace node
