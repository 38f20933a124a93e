#include "node/peers/peer_scores.hpp"

#include <algorithm>
#include <cstdlib>

namespace node {
namespace {

constexpr std::int64_t one = 1'000;
/// No counter goes beyond a thousand events, so that no square overflows.
constexpr std::int64_t counter_cap = 1'000 * one;

std::int64_t squared(std::int64_t weight, std::int64_t thousandths)
{
    return weight * (thousandths * thousandths / one) / one;
}

}  // namespace

PeerScores::Counters PeerScores::decayed(const Counters& before, ledger::TimeMs now) const
{
    auto counters = before;
    const auto step_ms = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(rules_.step).count());
    const auto today = now.value / step_ms;
    if (today <= counters.decayed_to) return counters;
    // After a thousand steps nothing is left of any counter.
    auto steps = std::min<std::uint64_t>(today - counters.decayed_to, 1'000);
    for (; steps != 0; --steps) {
        for (auto* counter :
             {&counters.delivered, &counters.invalid, &counters.broken, &counters.abuse}) {
            *counter = *counter * rules_.keep / one;
            if (*counter < rules_.forget) *counter = 0;
        }
    }
    counters.decayed_to = today;
    return counters;
}

std::int64_t PeerScores::of_deeds(const Counters& counters) const
{
    auto sum = std::min(rules_.delivered * counters.delivered / one, rules_.delivered_cap);
    sum -= squared(rules_.invalid, counters.invalid);
    sum -= squared(rules_.broken, counters.broken);
    sum -= squared(rules_.abuse, counters.abuse);
    return sum;
}

std::int64_t PeerScores::score(const Counters& counters) const
{
    auto sum = of_deeds(counters);
    if (counters.colocated > rules_.colocation_allowance) {
        const auto above =
            static_cast<std::int64_t>(counters.colocated - rules_.colocation_allowance);
        sum -= rules_.colocated * above * above;
    }
    return sum;
}

PeerScores::Counters& PeerScores::at(const ledger::PublicKey& peer, ledger::TimeMs now)
{
    const auto found = counters_.find(peer);
    if (found != counters_.end()) {
        found->second = decayed(found->second, now);
        return found->second;
    }
    if (counters_.size() >= rules_.peers) {
        const auto least =
            std::min_element(counters_.begin(), counters_.end(), [&](const auto& a, const auto& b) {
                return std::abs(score(decayed(a.second, now))) <
                       std::abs(score(decayed(b.second, now)));
            });
        counters_.erase(least);
    }
    auto& made = counters_[peer];
    made = decayed(made, now);
    return made;
}

void PeerScores::record(const ledger::PublicKey& peer, Deed deed, ledger::TimeMs now)
{
    auto& counters = at(peer, now);
    const auto count = [](std::int64_t& counter) {
        counter = std::min(counter + one, counter_cap);
    };
    switch (deed) {
        case Deed::delivered_first:
            return count(counters.delivered);
        case Deed::invalid_message:
            return count(counters.invalid);
        case Deed::broken_promise:
            return count(counters.broken);
        case Deed::protocol_abuse:
            return count(counters.abuse);
    }
}

void PeerScores::set_colocated(const ledger::PublicKey& peer, std::size_t peers, ledger::TimeMs now)
{
    at(peer, now).colocated = std::min<std::size_t>(peers, 1'000);
}

std::int64_t PeerScores::score(const ledger::PublicKey& peer, ledger::TimeMs now) const
{
    const auto found = counters_.find(peer);
    return found == counters_.end() ? 0 : score(decayed(found->second, now));
}

PeerStanding PeerScores::standing(const ledger::PublicKey& peer, ledger::TimeMs now) const
{
    const auto found = counters_.find(peer);
    if (found == counters_.end()) return PeerStanding::good;
    const auto counters = decayed(found->second, now);
    if (of_deeds(counters) < rules_.disconnect) return PeerStanding::disconnected;
    const auto points = score(counters);
    if (points < rules_.stop_serving) return PeerStanding::not_served;
    if (points < rules_.stop_announcing) return PeerStanding::not_announced_to;
    return PeerStanding::good;
}

}  // namespace node
