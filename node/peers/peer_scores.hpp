#pragma once

#include "ledger/base/ids.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string_view>

namespace node {

/// What a peer did, as far as it counts.
enum class Deed {
    delivered_first,  ///< valid data that we had not seen
    invalid_message,  ///< wrong by itself: a bad signature or encoding
    broken_promise,   ///< announced and not delivered
    protocol_abuse,   ///< unasked answers, floods
};

/// How far we still deal with a peer. Each level includes the ones before it; the last is for
/// deeds alone, because who shares an address with others has done nothing.
enum class PeerStanding { good, not_announced_to, not_served, disconnected };

/// Weights and thresholds in thousandths of a point, after gossipsub v1.1's score function.
struct ScoreRules {
    std::chrono::seconds step{10};  ///< counters decay once in this time,
    std::int64_t keep = 977;        ///< to this many thousandths: half in 5 min
    std::int64_t forget = 50;       ///< below this a counter is zero
    std::int64_t delivered = 1'000, delivered_cap = 100'000;
    std::int64_t invalid = 10'000;   ///< times the count squared, as the next two
    std::int64_t broken = 1'000;     //
    std::int64_t abuse = 20'000;     //
    std::int64_t colocated = 5'000;  ///< times the square of the peers above the allowance
    std::size_t colocation_allowance = 4;
    std::int64_t stop_announcing = -50'000, stop_serving = -150'000, disconnect = -400'000;
    std::size_t peers = 4'096;  ///< remembered; the one nearest to zero makes room
};

/// The local, decaying score of every peer seen lately. A score outlives its connection, or
/// hanging up would wash it away. Pure; integers only.
class PeerScores {
public:
    explicit PeerScores(ScoreRules rules = {}) : rules_{rules} {}

    void record(const ledger::PublicKey& peer, Deed deed, ledger::TimeMs now);
    /// How many peers share its address; zero once it is gone.
    void set_colocated(const ledger::PublicKey& peer, std::size_t peers, ledger::TimeMs now);

    /// In thousandths.
    std::int64_t score(const ledger::PublicKey& peer, ledger::TimeMs now) const;
    PeerStanding standing(const ledger::PublicKey& peer, ledger::TimeMs now) const;
    std::size_t size() const { return counters_.size(); }

private:
    /// Thousandths of an event.
    struct Counters {
        std::int64_t delivered = 0, invalid = 0, broken = 0, abuse = 0;
        std::size_t colocated = 0;
        std::uint64_t decayed_to = 0;  ///< steps since the epoch
    };

    Counters decayed(const Counters&, ledger::TimeMs now) const;
    std::int64_t of_deeds(const Counters&) const;
    std::int64_t score(const Counters&) const;
    Counters& at(const ledger::PublicKey& peer, ledger::TimeMs now);

    ScoreRules rules_;
    std::map<ledger::PublicKey, Counters> counters_;
};

}  // namespace node
