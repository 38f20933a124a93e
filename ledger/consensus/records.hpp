#pragma once

#include "ledger/consensus/epoch.hpp"
#include "ledger/consensus/messages.hpp"

#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

/// What the consensus core writes to the log, and how it comes back (consensus.md 5).
namespace ledger::consensus {

/// The only proposal of this node for its view, with its transactions.
struct OwnProposal {
    Propose message;
    BlockBody body;
    friend bool operator==(const OwnProposal&, const OwnProposal&) = default;
};
MILLRACE_DESCRIBE(OwnProposal, (message, body))

/// The floor moves up to this block's view, and everything below is settled.
struct Finalized {
    Header header;
    Certificate certificate;
    friend bool operator==(const Finalized&, const Finalized&) = default;
};
MILLRACE_DESCRIBE(Finalized, (header, certificate))

/// An epoch begins behind its seal; the votes of the one before are never replayed.
struct EpochStart {
    std::uint64_t number{};
    Header seal;
    ValidatorSet set;
    friend bool operator==(const EpochStart&, const EpochStart&) = default;
};
MILLRACE_DESCRIBE(EpochStart, (number, seal, set))

/// A single validator chose to go on without what its log has lost.
struct ForkCut {
    std::uint64_t epoch{};
    View lost_from{};  ///< votes from this view on may have been signed and are unknown
    View lost_to{};    ///< up to this one
    friend bool operator==(const ForkCut&, const ForkCut&) = default;
};
MILLRACE_DESCRIBE(ForkCut, (epoch, lost_from, lost_to))

using Record =
    std::variant<Vote, OwnProposal, BlockData, Certificate, Finalized, EpochStart, ForkCut>;

/// Types of these records in the log; lower numbers belong to others.
struct RecordTypes {
    static constexpr std::uint8_t first = 16;
    static constexpr std::uint8_t last = first + std::variant_size_v<Record> - 1;
};
std::uint8_t record_type(const Record&);
Bytes encode_record(const Record&);
/// `corrupt` when it is not the one encoding of such a record.
Result<Record> decode_record(std::uint8_t type, ByteView payload);

/// Where a chain starts from when nothing is in the log: block 0, or what the store has applied.
struct Base {
    std::uint64_t epoch{};
    Header anchor;  ///< block 0, or the seal that opened the epoch
    ValidatorSet set;
    Header tip;  ///< newest final block; the anchor when the epoch has none yet
    std::optional<Certificate> finalized;  ///< F of the tip; absent on the anchor
};

/// The epoch and view of the newest vote or proposal that this key is known to have signed; the
/// store keeps it outside the log, so that a log that went back in time is noticed.
struct SignedUpTo {
    std::uint64_t epoch{};
    View view{};
    friend auto operator<=>(const SignedUpTo&, const SignedUpTo&) = default;
};

/// What reading the log's bytes has shown.
struct LogReport {
    bool missing = false;  ///< there was none, though the node has run before
    bool damaged = false;  ///< a synced record is bad or a number is missing
};

/// A block that became final, in order; `certificate` is set when it has one of its own.
struct Commit {
    BlockId id;
    BlockData block;
    std::optional<Certificate> certificate;
};

/// The durable state: what a core is made of.
struct Durable {
    Base base;
    std::map<std::pair<View, VoteKind>, Vote> votes;  ///< own, above the floor
    std::map<View, OwnProposal> proposals;            ///< own, above the floor
    std::map<std::pair<View, VoteKind>, Certificate> certificates;
    std::map<BlockId, BlockData> blocks;
    SignedUpTo signed_up_to;
    std::string silenced;            ///< why this key must not vote again; empty when it may
    std::vector<Commit> commits;     ///< final by the log and not in the base: to apply again
    std::vector<EpochProof> proofs;  ///< of the epochs that ended in the log: to keep again

    /// The tip's view; 0 on the anchor. The tip's own F may be missing where a crash has split
    /// what became final together.
    View floor() const { return base.tip == base.anchor ? 0 : base.tip.view; }
    /// The records that lead to the same state: written again before old segments are freed.
    std::vector<Record> snapshot() const;
};

/// Replays the log over what the store has applied. Never fails: a log that cannot be trusted
/// gives a state that does not vote.
Durable recover(const Base&, std::span<const Record>, const LogReport&, const SignedUpTo&);

}  // namespace ledger::consensus
