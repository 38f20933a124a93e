#pragma once

#include "ledger/codec/describe.hpp"
#include "market/ids.hpp"

#include <string>

/// GPU time (market.md 8): an offer says what a machine can do, an order what is wanted, a bid
/// brings the two together; what follows is a lease. Jobs are data (graph, dataset, recipe, seed),
/// never code. A rate is what one second costs; times ending in _s are seconds.
namespace market {

/// A machine as its driver describes it.
struct GpuDevice {
    std::string model;           ///< "NVIDIA H200", 1 to 64 bytes
    std::uint64_t memory_mib{};  ///< of one device
    std::uint32_t count{};       ///< of devices, at least 1
    std::string driver;          ///< at most 64 bytes
    std::string region;          ///< at most 64 bytes
    friend bool operator==(const GpuDevice&, const GpuDevice&) = default;
};
MILLRACE_DESCRIBE(GpuDevice, (model, memory_mib, count, driver, region))

/// What its owner measured of it.
struct GpuProfile {
    std::uint64_t gflops{};         ///< of one device, single precision
    std::uint64_t bandwidth_mbs{};  ///< of its memory, 10^6 bytes a second
    /// Machines that compute the same bits: "cpu", "sm_90"; a name.
    std::string arch_class;
    bool deterministic = false;  ///< two runs give the same bits
    PartsPerMillion tolerance;   ///< |w - w'| / |w| of two runs; 0 where deterministic
    friend bool operator==(const GpuProfile&, const GpuProfile&) = default;
};
MILLRACE_DESCRIBE(GpuProfile, (gflops, bandwidth_mbs, arch_class, deterministic, tolerance))

/// The sender lets GPU time; bids are made under it. Its id is the id of this transaction.
struct GpuOffer {
    GpuDevice device;
    GpuProfile profile;
    Amount rate;              ///< asked for, at least 1
    std::uint64_t min_s{};    ///< shortest lease, at least one interval
    std::uint64_t max_s{};    ///< longest
    Amount bond;              ///< least that its bids put up
    Hash attest_hash;         ///< SHA-256 of an attestation, zero for none
    std::uint64_t expires{};  ///< block time in seconds
    friend bool operator==(const GpuOffer&, const GpuOffer&) = default;
};
MILLRACE_DESCRIBE(GpuOffer, (device, profile, rate, min_s, max_s, bond, attest_hash, expires))

/// The least that a machine must have; empty and 0 ask for nothing.
struct GpuNeed {
    std::string model;
    std::uint64_t memory_mib{};
    std::uint32_t count{};
    std::uint64_t gflops{};
    std::uint64_t bandwidth_mbs{};
    std::string region;
    bool deterministic = false;
    friend bool operator==(const GpuNeed&, const GpuNeed&) = default;
};
MILLRACE_DESCRIBE(GpuNeed, (model, memory_mib, count, gflops, bandwidth_mbs, region, deterministic))

enum class JobKind {
    train,  ///< segments of training steps, each committed to
    infer,  ///< segments of rows, likewise
    raw,    ///< the machine alone: nothing to execute again
};
BOOST_DESCRIBE_ENUM(JobKind, train, infer, raw)

/// Segment i covers the steps [i * segment_steps, (i + 1) * segment_steps). All but the kind is
/// zero for a raw lease.
struct LeaseJob {
    JobKind kind{};
    Hash graph;      ///< SHA-256 of the model file
    Hash data_root;  ///< of the dataset
    Hash recipe;     ///< SHA-256 of what stands between them: optimiser, order, steps
    std::uint64_t seed{};
    std::uint64_t segment_steps{};  ///< at least 1
    std::uint64_t total_steps{};    ///< at least 1
    friend bool operator==(const LeaseJob&, const LeaseJob&) = default;
};
MILLRACE_DESCRIBE(LeaseJob, (kind, graph, data_root, recipe, seed, segment_steps, total_steps))

/// How a job is checked after it ended. All but the bond is zero for a raw lease.
struct VerifyTerms {
    std::uint32_t samples{};   ///< segments executed again: the network's least to 32
    std::uint64_t window_s{};  ///< for the reports; 0 stands for the network's least
    Amount bond;               ///< least that a bid puts up
    Amount fee;                ///< of one report, at least 1
    std::string arch_class;    ///< of provider and verifiers
    std::uint32_t planted{};   ///< decoys that the tenant plants, at most 64
    Hash planted_root;         ///< over their `planted_leaf`s; zero without any
    friend bool operator==(const VerifyTerms&, const VerifyTerms&) = default;
};
MILLRACE_DESCRIBE(VerifyTerms, (samples, window_s, bond, fee, arch_class, planted, planted_root))

/// The sender wants GPU time; puts escrow and `samples` fees in escrow. Its id is the id of this
/// transaction.
struct GpuOrder {
    GpuNeed need;
    Hash image_hash;  ///< SHA-256 of the runtime that executes the job
    LeaseJob job;
    Amount max_rate;  ///< at least 1
    Amount escrow;    ///< pays for as long as it lasts
    VerifyTerms verify;
    std::uint64_t reclaim_s{};  ///< least notice that a provider gives
    Hash beacon_commit;         ///< SHA-256 of the secret that VerifyAssign shows
    std::string board;          ///< URL of the node where its parties meet; empty for none
    std::uint64_t expires{};    ///< block time in seconds
    friend bool operator==(const GpuOrder&, const GpuOrder&) = default;
};
MILLRACE_DESCRIBE(GpuOrder, (need, image_hash, job, max_rate, escrow, verify, reclaim_s,
                             beacon_commit, board, expires))

/// Puts deposit and bond in escrow, which return when the order goes to another or ends. Its id
/// is the id of this transaction.
struct GpuBid {
    GpuOrderId order;
    GpuOfferId offer;
    Amount rate;
    std::uint64_t start_by{};   ///< block time in seconds
    Amount deposit;             ///< the tenant's, when the lease is not started by then
    Amount bond;                ///< for what the job's verification finds
    std::uint64_t reclaim_s{};  ///< notice that the provider gives before it takes its machine back
    friend bool operator==(const GpuBid&, const GpuBid&) = default;
};
MILLRACE_DESCRIBE(GpuBid, (order, offer, rate, start_by, deposit, bond, reclaim_s))

enum class GpuEntry { offer, order, bid, lease };
BOOST_DESCRIBE_ENUM(GpuEntry, offer, order, bid, lease)

/// Takes back what is unmatched: the sender's offer, order or bid, or a bid for its order.
struct GpuCancel {
    GpuEntry entry{};
    Hash id;
    friend bool operator==(const GpuCancel&, const GpuCancel&) = default;
};
MILLRACE_DESCRIBE(GpuCancel, (entry, id))

/// Ends an offer or an order that expired, or a lease that was not started in time; by anyone.
struct LeaseTimeout {
    GpuEntry entry{};
    Hash id;
    friend bool operator==(const LeaseTimeout&, const LeaseTimeout&) = default;
};
MILLRACE_DESCRIBE(LeaseTimeout, (entry, id))

/// The tenant takes a bid. The lease's id is the id of this transaction.
struct LeaseAccept {
    GpuOrderId order;
    GpuBidId bid;
    friend bool operator==(const LeaseAccept&, const LeaseAccept&) = default;
};
MILLRACE_DESCRIBE(LeaseAccept, (order, bid))

/// The provider begins: time runs from this block on.
struct LeaseStart {
    LeaseId lease;
    Hash env_hash;       ///< SHA-256 of what runs where, for who executes it again
    Hash initial;        ///< c_0, the commitment to the state before the first step
    Bytes endpoint_enc;  ///< where the tenant reaches it, sealed to the tenant; at most 512 bytes
    friend bool operator==(const LeaseStart&, const LeaseStart&) = default;
};
MILLRACE_DESCRIBE(LeaseStart, (lease, env_hash, initial, endpoint_enc))

/// The provider commits to the segments [seg_from, seg_to): `root` is the Merkle root (RFC 6962)
/// over two leaves for each: the commitment to the state after it, and a salt of 32 bytes.
struct LeaseCheckpoint {
    LeaseId lease;
    std::uint64_t seg_from{};  ///< where the last one ended
    std::uint64_t seg_to{};
    Hash root;
    Hash cursor;  ///< into the data, opaque
    friend bool operator==(const LeaseCheckpoint&, const LeaseCheckpoint&) = default;
};
MILLRACE_DESCRIBE(LeaseCheckpoint, (lease, seg_from, seg_to, root, cursor))

/// Provider or tenant draw what the tenant's last voucher adds (`LeaseVoucher`).
struct LeaseClaim {
    LeaseId lease;
    std::uint64_t seconds{};
    Signature signature;  ///< of the tenant, over the voucher
    friend bool operator==(const LeaseClaim&, const LeaseClaim&) = default;
};
MILLRACE_DESCRIBE(LeaseClaim, (lease, seconds, signature))

/// The provider wants its machine back and gives the agreed notice; it is paid to its end.
struct LeaseReclaim {
    LeaseId lease;
    friend bool operator==(const LeaseReclaim&, const LeaseReclaim&) = default;
};
MILLRACE_DESCRIBE(LeaseReclaim, (lease))

enum class CloseReason {
    done,       ///< the tenant wants no more; the provider has committed to all segments
    starved,    ///< provider: no voucher came
    stalled,    ///< tenant: no heartbeat came
    paid_out,   ///< less than one interval is left to pay for
    reclaimed,  ///< provider: the notice is over
};
BOOST_DESCRIBE_ENUM(CloseReason, done, starved, stalled, paid_out, reclaimed)

/// Ends the time that can be paid. What was signed before can still be claimed.
struct LeaseClose {
    LeaseId lease;
    CloseReason reason{};
    friend bool operator==(const LeaseClose&, const LeaseClose&) = default;
};
MILLRACE_DESCRIBE(LeaseClose, (lease, reason))

}  // namespace market
