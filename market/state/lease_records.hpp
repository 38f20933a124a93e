#pragma once

#include "market/messages/verify.hpp"
#include "market/state/records.hpp"

/// What the state holds of GPU time that is offered, wanted and let. All but bids, verifications
/// and disputes is history and stays.
namespace market {

enum class GpuOfferStatus { listed, cancelled, expired };
BOOST_DESCRIBE_ENUM(GpuOfferStatus, listed, cancelled, expired)

struct GpuOfferRecord {
    using Key = GpuOfferId;
    static constexpr char table = 'G';
    GpuOffer offered;
    Address provider;
    GpuOfferStatus status{};
    std::uint64_t offered_ms{};
    std::uint64_t closed_ms{};
};
MILLRACE_DESCRIBE(GpuOfferRecord, (offered, provider, status, offered_ms, closed_ms))

enum class GpuOrderStatus {
    ordered,
    matched,
    cancelled,  ///< by the tenant
    expired,
};
BOOST_DESCRIBE_ENUM(GpuOrderStatus, ordered, matched, cancelled, expired)

struct GpuOrderRecord {
    using Key = GpuOrderId;
    static constexpr char table = 'R';
    GpuOrder ordered;  ///< its window is never 0 unless the job is raw
    Address tenant;
    GpuOrderStatus status{};
    std::uint32_t bids{};  ///< that wait
    LeaseId lease;         ///< zero until it is matched
    std::uint64_t ordered_ms{};
    std::uint64_t closed_ms{};

    bool is_job() const { return ordered.job.kind != JobKind::raw; }
    /// What the rules hold for it; once it is matched the lease holds it.
    Amount held() const
    {
        return status == GpuOrderStatus::ordered ? ordered.escrow + fees() : Amount{};
    }
    /// Of all reports; that it fits was checked when it was ordered.
    Amount fees() const { return *ordered.verify.fee.times(ordered.verify.samples); }
};
MILLRACE_DESCRIBE(GpuOrderRecord, (ordered, tenant, status, bids, lease, ordered_ms, closed_ms))

struct GpuBidKey {
    GpuOrderId order;
    GpuBidId bid;
};
MILLRACE_DESCRIBE(GpuBidKey, (order, bid))

/// A bid that waits; gone when it was taken, lost or withdrawn.
struct GpuBidRecord {
    using Key = GpuBidKey;
    static constexpr char table = 'Y';
    GpuBid bid;
    Address provider;
    std::uint64_t bid_ms{};

    Amount held() const { return bid.deposit + bid.bond; }
};
MILLRACE_DESCRIBE(GpuBidRecord, (bid, provider, bid_ms))

/// The order that a bid is for: people name a bid by its id alone.
struct GpuBidOf {
    using Key = GpuBidId;
    static constexpr char table = 'I';
    GpuOrderId order;
};
MILLRACE_DESCRIBE(GpuBidOf, (order))

enum class LeaseStatus {
    matched,     ///< waits for its start
    expired,     ///< never started
    active,      ///< time runs and is paid
    reclaiming,  ///< likewise, and the provider has given notice
    verifying,   ///< closed; the holdback waits for reports
    disputed,    ///< a jury decides about a segment
    settled,     ///< over
    slashed,     ///< over; the provider lost its bond
};
BOOST_DESCRIBE_ENUM(LeaseStatus, matched, expired, active, reclaiming, verifying, disputed, settled,
                    slashed)

/// Why a lease ended as it did.
enum class LeaseOutcome {
    none,        ///< it has not
    unverified,  ///< a raw lease: there was nothing to execute again
    verified,    ///< what was reported agrees, or a jury found that it should have
    silent,      ///< nobody reported: half of the holdback is burned
    undecided,   ///< a jury did not agree: half of bond and holdback is burned
    unopened,    ///< the provider did not show what it had committed to
    faked,       ///< a jury found something else
};
BOOST_DESCRIBE_ENUM(LeaseOutcome, none, unverified, verified, silent, undecided, unopened, faked)

struct Lease {
    using Key = LeaseId;
    static constexpr char table = 'Z';
    GpuOrderId order;
    GpuOfferId offer;
    Address tenant;
    Address provider;
    LeaseStatus status{};
    LeaseOutcome outcome{};
    CloseReason reason{};  ///< once it is closed
    Amount rate;
    std::uint64_t most_s{};  ///< that escrow and offer allow
    std::uint64_t paid_s{};  ///< co-signed and claimed
    Amount escrow;           ///< not yet claimed
    Amount holdback;         ///< claimed, and kept back
    Amount fees;             ///< of reports that are not paid yet
    Amount bond;
    Amount deposit;    ///< until it is started
    Amount challenge;  ///< of the tenant, while a jury decides
    std::uint64_t reclaim_s{};
    std::uint64_t segments{};  ///< committed to
    std::uint32_t checkpoints{};
    Hash env_hash;
    Hash initial;
    Bytes endpoint_enc;
    std::uint64_t matched_ms{};
    std::uint64_t start_by_ms{};
    std::uint64_t started_ms{};
    std::uint64_t reclaim_end_ms{};  ///< 0 without notice
    std::uint64_t closed_ms{};
    Height closed_height;
    bool challenged = false;  ///< the tenant has called its jury
    std::uint64_t ended_ms{};

    bool runs() const { return status == LeaseStatus::active || status == LeaseStatus::reclaiming; }
    /// Closed and not over.
    bool is_checked() const
    {
        return status == LeaseStatus::verifying || status == LeaseStatus::disputed;
    }
    bool ended() const
    {
        return status == LeaseStatus::expired || status == LeaseStatus::settled ||
               status == LeaseStatus::slashed;
    }
    /// What the rules still hold for it; zero once it ended.
    Amount held() const { return escrow + holdback + fees + bond + deposit + challenge; }
};
MILLRACE_DESCRIBE(Lease,
                  (order, offer, tenant, provider, status, outcome, reason, rate, most_s, paid_s,
                   escrow, holdback, fees, bond, deposit, challenge, reclaim_s, segments,
                   checkpoints, env_hash, initial, endpoint_enc, matched_ms, start_by_ms,
                   started_ms, reclaim_end_ms, closed_ms, closed_height, challenged, ended_ms))

struct CheckpointKey {
    LeaseId lease;
    std::uint32_t number{};  ///< from 0
};
MILLRACE_DESCRIBE(CheckpointKey, (lease, number))

struct CheckpointRecord {
    using Key = CheckpointKey;
    static constexpr char table = 'N';
    std::uint64_t seg_from{};
    std::uint64_t seg_to{};
    Hash root;
    Hash cursor;
    std::uint64_t at_ms{};
};
MILLRACE_DESCRIBE(CheckpointRecord, (seg_from, seg_to, root, cursor, at_ms))

struct VerifierKey {
    std::string arch_class;
    Address account;
};
MILLRACE_DESCRIBE(VerifierKey, (arch_class, account))

/// Stays until the stake is returned.
struct Verifier {
    using Key = VerifierKey;
    static constexpr char table = 'o';
    Amount stake;
    Amount locked;           ///< byte deposit, returned with the stake
    std::uint32_t duties{};  ///< segments and juries that it is drawn for
    Height joined;
    Height left;  ///< 0 while it stays
    std::uint64_t left_ms{};
};
MILLRACE_DESCRIBE(Verifier, (stake, locked, duties, joined, left, left_ms))

enum class SlotVerdict {
    none,       ///< not reported, or not judged yet
    agrees,     ///< with what the provider committed to
    lazy,       ///< it reported a decoy
    wrong,      ///< a jury found what the provider committed to
    right,      ///< a jury found that the provider is wrong
    undecided,  ///< a jury found nothing
};
BOOST_DESCRIBE_ENUM(SlotVerdict, none, agrees, lazy, wrong, right, undecided)

/// A segment that somebody executes again.
struct VerifySlot {
    std::uint64_t segment{};
    Address verifier;
    bool reported = false;
    Hash result;
    Hash evidence_root;
    bool opened = false;
    Hash committed;  ///< by the provider
    bool planted = false;
    Hash decoy;
    SlotVerdict verdict{};
};
MILLRACE_DESCRIBE(VerifySlot, (segment, verifier, reported, result, evidence_root, opened,
                               committed, planted, decoy, verdict))

/// There from VerifyAssign to the end of the lease.
struct Verification {
    using Key = LeaseId;
    static constexpr char table = 'F';
    Hash beacon;
    std::vector<VerifySlot> slots;
    std::uint64_t last_report_ms{};
    bool planted_shown = false;
};
MILLRACE_DESCRIBE(Verification, (beacon, slots, last_report_ms, planted_shown))

struct Juror {
    Address account;
    bool committed = false;
    Hash commitment;
    bool revealed = false;
    Hash result;
};
MILLRACE_DESCRIBE(Juror, (account, committed, commitment, revealed, result))

/// There while a jury decides; one at a time for a lease.
struct LeaseDispute {
    using Key = LeaseId;
    static constexpr char table = 'J';
    std::uint64_t segment{};
    Hash committed;
    Address challenger;
    Height opened;
    std::uint64_t opened_ms{};
    bool drawn = false;
    std::vector<Juror> jurors;
};
MILLRACE_DESCRIBE(LeaseDispute, (segment, committed, challenger, opened, opened_ms, drawn, jurors))

}  // namespace market
