// Which inbound peer makes room, after Bitcoin's node eviction: whoever is good at something an
// attacker cannot fake for many connections at once is protected; of the rest, the youngest of
// the most crowded netgroup goes.
#include "node/peers/peer_manager.hpp"

#include "ledger/crypto/hash.hpp"

#include <algorithm>
#include <tuple>

namespace node {

using ledger::PublicKey;

std::optional<PublicKey> PeerManager::choose_eviction(ledger::TimeMs) const
{
    struct Candidate {
        PublicKey key;
        const Connected* peer;
        Netgroup group;
    };
    std::vector<Candidate> candidates;
    for (const auto& [key, peer] : connected_)
        if (peer.use == ConnectionUse::inbound)
            candidates.push_back({key, &peer, netgroup_of(peer.address.ip)});

    // The best come last, and are taken off.
    const auto protect = [&](std::size_t count, const auto& less, const auto& deserves) {
        std::stable_sort(candidates.begin(), candidates.end(), less);
        for (; count != 0 && !candidates.empty() && deserves(candidates.back()); --count)
            candidates.pop_back();
    };
    const auto any = [](const Candidate&) { return true; };

    // One of each of some netgroups, chosen by our salt: nobody can know which.
    std::map<Netgroup, ledger::Hash> order;
    for (const auto& candidate : candidates) {
        ledger::Bytes text;
        ledger::append(text, salt_.view());
        ledger::append(text, candidate.group.view());
        order[candidate.group] = ledger::tagged_sha256("millrace/eviction", text);
    }
    std::vector<Netgroup> groups;
    for (const auto& [group, place] : order) groups.push_back(group);
    std::sort(groups.begin(), groups.end(),
              [&](const auto& a, const auto& b) { return order[a] < order[b]; });
    groups.resize(std::min(groups.size(), limits_.protected_each));
    for (const auto& group : groups) {
        const auto oldest = std::min_element(candidates.begin(), candidates.end(),
                                             [&](const auto& a, const auto& b) {
                                                 return std::pair{a.group != group, a.peer->since} <
                                                        std::pair{b.group != group, b.peer->since};
                                             });
        if (oldest != candidates.end() && oldest->group == group) candidates.erase(oldest);
    }

    const auto forever = std::chrono::milliseconds::max();
    protect(
        limits_.protected_each,
        [&](const auto& a, const auto& b) {
            return a.peer->round_trip.value_or(forever) > b.peer->round_trip.value_or(forever);
        },
        [](const auto& c) { return c.peer->round_trip.has_value(); });
    protect(
        limits_.protected_each,
        [](const auto& a, const auto& b) { return a.peer->last_useful < b.peer->last_useful; },
        [](const auto& c) { return c.peer->last_useful.value != 0; });
    // Half of what is left, by how long they have been here.
    protect(
        candidates.size() / 2,
        [](const auto& a, const auto& b) { return a.peer->since > b.peer->since; }, any);
    if (candidates.empty()) return {};

    std::map<Netgroup, std::size_t> crowd;
    for (const auto& candidate : candidates) ++crowd[candidate.group];
    const auto chosen =
        std::max_element(candidates.begin(), candidates.end(), [&](const auto& a, const auto& b) {
            return std::tuple{crowd[a.group], a.peer->since, a.key} <
                   std::tuple{crowd[b.group], b.peer->since, b.key};
        });
    return chosen->key;
}

}  // namespace node
