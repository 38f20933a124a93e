#pragma once

#include "market/messages/lease.hpp"

#include <vector>

/// How the work of a lease is checked after it ended (market.md 8): verifiers with a stake execute
/// segments again, a jury decides where they found something else.
namespace market {

/// Makes the sender a verifier for one class of machines.
struct VerifierJoin {
    std::string arch_class;
    Amount stake;  ///< at least the network's min_stake
    friend bool operator==(const VerifierJoin&, const VerifierJoin&) = default;
};
MILLRACE_DESCRIBE(VerifierJoin, (arch_class, stake))

/// Ends being drawn; sent again once the notice is over and no duty is left, returns the stake.
struct VerifierLeave {
    std::string arch_class;
    friend bool operator==(const VerifierLeave&, const VerifierLeave&) = default;
};
MILLRACE_DESCRIBE(VerifierLeave, (arch_class))

/// The tenant shows the secret that its order committed to; together with the id of the block
/// that holds the close it draws the segments and who executes them again.
struct VerifyAssign {
    LeaseId lease;
    Hash secret;
    friend bool operator==(const VerifyAssign&, const VerifyAssign&) = default;
};
MILLRACE_DESCRIBE(VerifyAssign, (lease, secret))

/// What a verifier got for a segment that it was assigned. It says so before anybody has shown what
/// the provider committed to: who has not computed it does not know it.
struct VerifyReport {
    LeaseId lease;
    std::uint64_t segment{};
    Hash result;         ///< commitment to the state after it; zero: the input could not be had
    Hash evidence_root;  ///< SHA-256 of the verifier's own records, zero for none
    friend bool operator==(const VerifyReport&, const VerifyReport&) = default;
};
MILLRACE_DESCRIBE(VerifyReport, (lease, segment, result, evidence_root))

/// What the provider committed to for a segment, shown by a path to a checkpoint's root.
struct SegmentOpening {
    std::uint64_t segment{};
    std::uint32_t checkpoint{};  ///< number of the checkpoint, from 0
    Hash result;
    std::vector<Hash> path;  ///< at most 64
    friend bool operator==(const SegmentOpening&, const SegmentOpening&) = default;
};
MILLRACE_DESCRIBE(SegmentOpening, (segment, checkpoint, result, path))

/// A decoy: a result for a segment that no execution gives, committed to by the order. The tenant
/// shows it to whoever asks what the provider claims; a verifier that reports it computed nothing.
struct PlantedSegment {
    std::uint64_t segment{};
    Hash seed;              ///< the decoy is `decoy_of(seed)`
    std::uint32_t index{};  ///< its place under planted_root
    std::vector<Hash> path;
    friend bool operator==(const PlantedSegment&, const PlantedSegment&) = default;
};
MILLRACE_DESCRIBE(PlantedSegment, (segment, seed, index, path))

/// Provider or tenant show commitments of segments that were reported; the tenant its decoys, once
/// the reports are over.
struct VerifyReveal {
    LeaseId lease;
    std::vector<SegmentOpening> openings;  ///< at most 32
    std::vector<PlantedSegment> planted;   ///< at most 64
    friend bool operator==(const VerifyReveal&, const VerifyReveal&) = default;
};
MILLRACE_DESCRIBE(VerifyReveal, (lease, openings, planted))

/// The tenant itself doubts a segment and calls a jury. A report that differs calls one by itself.
struct DisputeOpen {
    LeaseId lease;
    SegmentOpening opening;
    Amount bond;  ///< at least the network's dispute_bond
    friend bool operator==(const DisputeOpen&, const DisputeOpen&) = default;
};
MILLRACE_DESCRIBE(DisputeOpen, (lease, opening, bond))

/// A juror binds itself to what it got, unseen by the others.
struct JuryCommit {
    LeaseId lease;
    std::uint64_t segment{};
    Hash commitment;  ///< `jury_commitment`
    friend bool operator==(const JuryCommit&, const JuryCommit&) = default;
};
MILLRACE_DESCRIBE(JuryCommit, (lease, segment, commitment))

struct JuryReveal {
    LeaseId lease;
    std::uint64_t segment{};
    Hash result;  ///< as in a report
    Hash salt;
    friend bool operator==(const JuryReveal&, const JuryReveal&) = default;
};
MILLRACE_DESCRIBE(JuryReveal, (lease, segment, result, salt))

/// Does what is due with a lease that was closed: calls a jury, takes its verdict, or ends the
/// lease and moves its money. By anyone.
struct LeaseSettle {
    LeaseId lease;
    friend bool operator==(const LeaseSettle&, const LeaseSettle&) = default;
};
MILLRACE_DESCRIBE(LeaseSettle, (lease))

/// Leaf of an order's planted_root.
Hash planted_leaf(std::uint64_t segment, const Hash& decoy);

/// Keccak-256 of a label and the seed. Commitments of states are SHA-256, so that no state has a
/// decoy for its commitment.
Hash decoy_of(const Hash& seed);

/// SHA-256 of a label, the lease, the segment, the juror, its result and a salt: a juror cannot
/// repeat another's.
Hash jury_commitment(const LeaseId&, std::uint64_t segment, const Address& juror,
                     const Hash& result, const Hash& salt);

}  // namespace market
