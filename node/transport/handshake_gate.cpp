#include "node/transport/handshake_gate.hpp"

#include <algorithm>

namespace node {

HandshakeGate::Verdict HandshakeGate::enter(const IpBytes& from, Clock::Steady now)
{
    if (pending_ >= limits_.pending) return Verdict::too_many_pending;
    const auto key = handshake_group_of(from);
    auto found = groups_.find(key);
    if (found == groups_.end()) {
        if (groups_.size() >= limits_.groups) {
            // The one seen longest ago; those with pending handshakes cannot fill the table.
            const auto oldest =
                std::min_element(groups_.begin(), groups_.end(), [](const auto& a, const auto& b) {
                    return std::pair{a.second.pending != 0, a.second.last} <
                           std::pair{b.second.pending != 0, b.second.last};
                });
            groups_.erase(oldest);
        }
        found = groups_.emplace(key, Group{TokenBucket{limits_.per_group, now}, 0, now}).first;
    }
    auto& group = found->second;
    group.last = now;
    if (group.pending >= limits_.pending_of_group) return Verdict::too_many_pending;
    if (!group.bucket.spend_if_there(1, now)) return Verdict::too_fast;
    ++group.pending;
    ++pending_;
    return Verdict::open;
}

void HandshakeGate::leave(const IpBytes& from)
{
    --pending_;
    const auto found = groups_.find(handshake_group_of(from));
    if (found != groups_.end() && found->second.pending != 0) --found->second.pending;
}

}  // namespace node
