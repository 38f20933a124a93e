#pragma once

#include "ledger/consensus/epoch.hpp"

#include <optional>
#include <variant>
#include <vector>

namespace ledger::consensus {

struct Vote {
    VoteKind kind{};
    std::uint64_t epoch{};
    View view{};
    BlockId id;  ///< zero for nullify
    Index voter{};
    SchnorrSignature signature;
    friend auto operator<=>(const Vote&, const Vote&) = default;
};
MILLRACE_DESCRIBE(Vote, (kind, epoch, view, id, voter, signature))

/// Why a proposal may build on its parent: the parent's N or F certificate, absent for the anchor,
/// then X of every view in between, ascending, and nothing else.
struct Justification {
    std::optional<Certificate> parent;
    std::vector<Certificate> skipped;
    friend bool operator==(const Justification&, const Justification&) = default;
};
MILLRACE_DESCRIBE(Justification, (parent, skipped))

/// A header as its proposer signed it.
struct SignedHeader {
    Header header;
    SchnorrSignature signature;
    friend bool operator==(const SignedHeader&, const SignedHeader&) = default;
};
MILLRACE_DESCRIBE(SignedHeader, (header, signature))

struct Propose {
    Header header;
    Justification justification;
    std::vector<WireId> wire_ids;  ///< of the transactions, in order
    SchnorrSignature signature;
    friend bool operator==(const Propose&, const Propose&) = default;
};
MILLRACE_DESCRIBE(Propose, (header, justification, wire_ids, signature))

/// Where a node stands. Only the certificate counts as a claim; the numbers are hints.
struct Status {
    std::uint64_t epoch{};
    Height height;
    View finalized_view{};
    std::optional<Certificate> finalized;  ///< absent on the anchor
    View current_view{};
    bool settling{};  ///< just started: asks for the votes of its own that others hold
    friend bool operator==(const Status&, const Status&) = default;
};
MILLRACE_DESCRIBE(Status, (epoch, height, finalized_view, finalized, current_view, settling))

/// Certificates of views from...to, both included.
struct GetCerts {
    std::uint64_t epoch{};
    View from{};
    View to{};
    friend bool operator==(const GetCerts&, const GetCerts&) = default;
};
MILLRACE_DESCRIBE(GetCerts, (epoch, from, to))

struct Certs {
    std::vector<Certificate> certificates;
    friend bool operator==(const Certs&, const Certs&) = default;
};
MILLRACE_DESCRIBE(Certs, (certificates))

/// Final blocks from a height on, as far as the answerer likes.
struct GetBlocks {
    Height from;
    friend bool operator==(const GetBlocks&, const GetBlocks&) = default;
};
MILLRACE_DESCRIBE(GetBlocks, (from))

struct BlockData {
    Header header;
    std::optional<Justification> justification;
    BlockBody body;
    friend bool operator==(const BlockData&, const BlockData&) = default;
};
MILLRACE_DESCRIBE(BlockData, (header, justification, body))

/// A range that proves itself: each block is the next one's parent, `path` are the headers from
/// the last block on, oldest first, and the newest of all has the certificate.
struct Blocks {
    std::vector<BlockData> blocks;
    std::vector<Header> path;
    Certificate finalized;
    friend bool operator==(const Blocks&, const Blocks&) = default;
};
MILLRACE_DESCRIBE(Blocks, (blocks, path, finalized))

/// A block that is not final yet, or just now.
struct GetBody {
    BlockId id;
    friend bool operator==(const GetBody&, const GetBody&) = default;
};
MILLRACE_DESCRIBE(GetBody, (id))

struct Body {
    BlockData block;
    friend bool operator==(const Body&, const Body&) = default;
};
MILLRACE_DESCRIBE(Body, (block))

/// What convicts a validator (consensus.md 9).
enum class Fault : std::uint8_t {
    two_notarizations,      ///< E1
    nullify_and_finalize,   ///< E2
    two_finalizations,      ///< E3
    two_proposals,          ///< E4
    finalize_and_notarize,  ///< E5
    vote_for_invalid,       ///< E6
};
BOOST_DESCRIBE_ENUM(Fault, two_notarizations, nullify_and_finalize, two_finalizations,
                    two_proposals, finalize_and_notarize, vote_for_invalid)

/// Needs nothing but the epoch's validator set to be judged. Two votes for E1, E2, E3 and E5, two
/// headers for E4; one vote, the header and its justification for E6.
struct Evidence {
    Fault fault{};
    std::vector<Vote> votes;
    std::vector<SignedHeader> proposals;
    std::optional<Header> block;
    std::optional<Justification> justification;
    friend bool operator==(const Evidence&, const Evidence&) = default;
};
MILLRACE_DESCRIBE(Evidence, (fault, votes, proposals, block, justification))

/// That an epoch is over: the sealing header, those that follow it up to the certified one, F of
/// the newest, and the validators that come next.
struct EpochProof {
    std::vector<Header> path;
    Certificate finalized;
    ValidatorSet next;
    friend bool operator==(const EpochProof&, const EpochProof&) = default;
};
MILLRACE_DESCRIBE(EpochProof, (path, finalized, next))

using Message = std::variant<Vote, Propose, Certificate, Status, GetCerts, Certs, GetBlocks, Blocks,
                             GetBody, Body, Evidence, EpochProof>;

/// The frame's type byte: the position in Message, from 1.
std::uint8_t type_of(const Message&);

struct MessageLimits {
    static constexpr std::size_t vote_bytes = 256;
    static constexpr std::size_t request_bytes = 64;
    static constexpr std::size_t certificate_bytes = 16 * 1024;
    static constexpr std::size_t status_bytes = 32 * 1024;
    static constexpr std::size_t propose_bytes = 8 * 1024 * 1024;
    static constexpr std::size_t certs_bytes = 512 * 1024;
    static constexpr std::size_t blocks_bytes = 10 * 1024 * 1024;
    static constexpr std::size_t evidence_bytes = 64 * 1024;
    static constexpr std::size_t epoch_proof_bytes = 1024 * 1024;
    /// Certificates in one justification, and the bytes they take.
    static constexpr std::size_t skipped_views = 1'024;
    static constexpr std::size_t justification_bytes = 7 * 1024 * 1024;
    /// What E6 may carry (consensus.md 8).
    static constexpr std::size_t evidence_justification_bytes = 48 * 1024;
    static constexpr std::size_t path_headers = 1'024;
};

/// Longest encoding of a message of this type; 0 when there is none.
std::size_t message_limit(std::uint8_t type);

Bytes encode_message(const Message&);

/// Checks the length against the type's limit before anything is allocated. `full` when too long
/// or too many, `invalid` when it is not the one encoding of such a message.
Result<Message> decode_message(std::uint8_t type, ByteView);

Bytes encode_justification(const Justification&);
/// H(J), as the header names it.
Hash justification_hash(const Justification&);

}  // namespace ledger::consensus
