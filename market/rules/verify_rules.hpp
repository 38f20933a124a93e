#pragma once

#include "market/message.hpp"
#include "market/state/lease_records.hpp"
#include "market/state/money.hpp"

/// How a closed lease is checked and ended (market.md 8).
namespace market {

/// Where as many verifiers are as can be drawn, the one with the least stake gives way to more.
Verdict apply(State&, const Context&, const VerifierJoin&);
Verdict apply(State&, const Context&, const VerifierLeave&);
Verdict apply(State&, const Context&, const VerifyAssign&);
Verdict apply(State&, const Context&, const VerifyReport&);
Verdict apply(State&, const Context&, const VerifyReveal&);
Verdict apply(State&, const Context&, const DisputeOpen&);
Verdict apply(State&, const Context&, const JuryCommit&);
Verdict apply(State&, const Context&, const JuryReveal&);
Verdict apply(State&, const Context&, const LeaseSettle&);

/// Seconds from VerifierLeave to the stake: beyond every draw that a verifier could spoil by going.
std::uint64_t verifier_notice_s(const Context&);

/// Takes up to `most` of a verifier's stake; returns what there was. The caller moves it.
Amount take_stake(State&, const VerifierKey&, Amount most);
void add_duty(State&, const VerifierKey&);
void end_duty(State&, const VerifierKey&);

/// Whether the reports of a lease are over: all are in, or their time is.
bool reports_over(const Context&, const GpuOrderRecord&, const Lease&, const Verification&);
/// Until when (block time in ms) what was reported must be opened.
std::uint64_t openings_end_ms(const Context&, const GpuOrderRecord&, const Lease&,
                              const Verification&);

/// Whether a checkpoint holds this: a path from a stranger. Which checkpoint is not looked at.
bool holds(const CheckpointRecord&, const SegmentOpening&);
/// Whether the provider committed to this.
Verdict check_opening(const View&, const LeaseId&, const Lease&, const SegmentOpening&);

/// Makes a lease wait for a jury, which the id of this block draws.
void call_jury(State&, const Context&, const LeaseId&, Lease&, std::uint64_t segment,
               const Hash& committed, const Address& challenger);

/// Draws the jury of a dispute unless that was done.
Verdict seat_jury(State&, const Context&, const LeaseId&, const Lease&, LeaseDispute&);

/// What a jury found.
enum class JuryFinding {
    as_committed,  ///< the provider is right
    other,         ///< it is not
    nothing,       ///< too few revealed, or they do not agree
};
struct JuryResult {
    JuryFinding finding{};
    std::vector<Address> majority;  ///< jurors who found that
    std::vector<Address> others;    ///< all others that were drawn
};
JuryResult count_votes(const LeaseDispute&, std::uint32_t quorum, bool deterministic);

/// Ends of a lease; each moves all its money and counts the fees of reports.
void end_verified(State&, const Context&, const LeaseId&, Lease&, LeaseOutcome);
/// `tenant_failed`: the draw never came, so that the fees of reports are burned.
void end_silent(State&, const Context&, const LeaseId&, Lease&, bool tenant_failed);
void end_undecided(State&, const Context&, const LeaseId&, Lease&, const JuryResult&);
void end_unopened(State&, const Context&, const LeaseId&, Lease&);
void end_faked(State&, const Context&, const LeaseId&, Lease&, const LeaseDispute&,
               const JuryResult&);

/// Sends a jury home that was too small to decide: nobody pays but who was silent in it.
void adjourn(State&, const Context&, const LeaseId&, Lease&, const JuryResult&);

/// The challenger of a jury that found the provider right pays.
void punish_challenger(State&, const Context&, const LeaseId&, Lease&, const LeaseDispute&,
                       const JuryResult&);

}  // namespace market
