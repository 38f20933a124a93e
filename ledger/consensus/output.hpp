#pragma once

#include "ledger/consensus/evidence.hpp"
#include "ledger/consensus/records.hpp"

#include <array>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ledger::consensus {

/// A connection, as long as it lasts; whoever drives the core numbers them.
using PeerId = Named<struct PeerIdTag, std::uint64_t>;

struct Now {
    std::uint64_t steady_ms{};  ///< never goes back; for everything but header times
    TimeMs wall;
};

struct Connected {
    PeerId peer;
    PublicKey key;  ///< peer key, authenticated; tells which validator it is
};
struct Disconnected {
    PeerId peer;
};
struct Received {
    PeerId from;
    Message message;
};
using Input = std::variant<Connected, Disconnected, Received>;

struct Send {
    std::vector<PeerId> to;  ///< never empty
    Message message;
};

/// A peer that did what no honest one does.
struct Misbehaved {
    PeerId peer;
    std::string what;
};

/// The process must stop: what is final contradicts something.
struct Halt {
    std::string reason;
    std::vector<Evidence> evidence;
};

/// Nothing of it may leave the node, and no commit may be answered for, before `records` are
/// appended and synced.
struct Output {
    std::vector<Record> records;
    std::vector<Send> sends;
    std::vector<Commit> commits;     ///< to apply, in order
    std::vector<EpochProof> proofs;  ///< of epochs that just ended: to keep
    std::vector<Evidence> evidence;  ///< new: to put on the ledger
    std::vector<Misbehaved> misbehaved;
    std::optional<PeerId> push_to;         ///< the leader that should have our oldest transactions
    std::optional<std::uint64_t> wake_at;  ///< steady_ms at which to step again without inputs
    std::optional<Halt> halt;
};

/// Durations in milliseconds (consensus.md 6).
struct CoreTimes {
    std::uint64_t t0 = 1'000;
    std::uint64_t t_max = 60'000;
    std::uint64_t max_drift = 5'000;
    std::uint64_t min_interval = 1;
    std::uint64_t heartbeat = 0;  ///< 0 is off
    std::uint64_t batch = 20;     ///< waited only while blocks are full
    std::uint64_t retransmit = 500;
    std::uint64_t retransmit_max = 5'000;
    std::uint64_t status = 5'000;
    std::uint64_t settle = 5'000;   ///< longest wait for a quorum's status after a start
    std::uint64_t skip = 10'000;    ///< a leader unheard for so long is passed over
    std::uint64_t request = 1'000;  ///< until the next peer is asked
};

struct CoreLimits {
    static constexpr View views_ahead = 64;
    static constexpr View views_behind = 64;  ///< below current, votes are of no use
    static constexpr std::size_t proposals_per_view = 2;
    static constexpr std::size_t early_messages = 256;  ///< of the next epoch, unverified
    static constexpr std::size_t wanted_blocks = 16;
    static constexpr std::size_t certs_per_answer = 64;
    static constexpr std::size_t certs_resent = 8;  ///< lowest, and as many newest
    static constexpr std::size_t blocks_per_answer = 256;
    static constexpr std::size_t answer_bytes = 3 * 1024 * 1024;
    /// Of bodies of proven blocks: executed in one step, so that others are heard in between...
    static constexpr std::size_t step_bytes = 512 * 1024;
    /// ...and held before their turn, beyond which no more are asked for.
    static constexpr std::size_t ahead_bytes = 2 * answer_bytes;
    static constexpr std::size_t full_mesh = 16;  ///< up to so many, entry certificates go to all
    static constexpr std::size_t entry_peers = 8;
    static constexpr std::size_t epoch_proofs = 8;     ///< kept here; older ones the store has
    static constexpr std::size_t final_views = 1'024;  ///< remembered to notice conflicts
    static constexpr std::size_t peers = 1'024;
    static constexpr std::size_t known_evidence = 1'024;
};

/// What a core has done, for the coverage meter of the simulation and for metrics.
enum class Event : std::uint8_t {
    view_entered,
    proposed,
    proposed_on_skip,        ///< over at least one nullified view
    proposed_over_three,     ///< over at least three
    proposed_empty_on_call,  ///< because f+1 power nullified
    proposed_tail,
    notarized,
    notarized_late,  ///< after the view, under its N
    notarized_after_nullify,
    finalized_late,  ///< FINALIZE from a later view
    nullified_by_timer,
    nullified_by_power,
    nullified_invalid,
    nullified_after_leader,
    nullified_silent_leader,
    n_formed,
    x_formed,
    f_formed,
    n_for_other_block,  ///< of a view in which we voted for another
    n_after_x,
    x_after_n,
    committed,
    committed_several,  ///< more than one block under one F
    final_without_body,
    sealed,
    sealed_by_tail,
    proposal_invalid,
    proposal_waits_for_time,
    body_requested,
    body_received,
    certs_requested,
    certs_answered,
    blocks_requested,
    blocks_received,
    epoch_proof_sent,
    epoch_proof_taken,
    early_message,
    evidence_found,
    resent,
    settled,
    disarmed,
    heartbeat,
    count_
};
constexpr std::size_t event_count = static_cast<std::size_t>(Event::count_);
using EventCounts = std::array<std::uint64_t, event_count>;
std::string_view event_name(Event);

}  // namespace ledger::consensus
