#pragma once

#include "ledger/base/ids.hpp"
#include "ledger/base/result.hpp"
#include "ledger/codec/describe.hpp"

#include <vector>

namespace ledger {

enum class VoteKind { notarize, nullify, finalize };
BOOST_DESCRIBE_ENUM(VoteKind, notarize, nullify, finalize)

struct Validator {
    ConsensusKey consensus_key;
    PublicKey peer_key;
    Address account;
    Address payout;  ///< receives the fees of the blocks it proposes
    std::uint64_t power{};
    friend bool operator==(const Validator&, const Validator&) = default;
};
MILLRACE_DESCRIBE(Validator, (consensus_key, peer_key, account, payout, power))

/// At most 128, in the order of the genesis document.
using ValidatorSet = std::vector<Validator>;

/// Smallest power that a certificate needs: floor(2W/3) + 1.
std::uint64_t quorum(const ValidatorSet&);

/// Tagged SHA-256 of the canonical encoding of the set.
Hash valset_hash(const ValidatorSet&);

/// What a vote of this kind for block `id` signs (consensus.md 2).
struct VoteSubject {
    ChainId chain_id;
    std::uint64_t epoch{};
    BlockId anchor;  ///< block that opened the epoch
    VoteKind kind{};
    std::uint64_t view{};
    BlockId id;  ///< zero for nullify
};
MILLRACE_DESCRIBE(VoteSubject, (chain_id, epoch, anchor, kind, view, id))

Hash vote_digest(const VoteSubject&);

/// Votes of a quorum for the same subject.
struct Certificate {
    VoteKind kind{};
    std::uint64_t epoch{};
    std::uint64_t view{};
    BlockId id;
    Bytes bitmap;  ///< one bit a validator, index 0 in the highest bit; padding bits are zero
    std::vector<SchnorrSignature> signatures;  ///< ascending index

    friend bool operator==(const Certificate&, const Certificate&) = default;
};
MILLRACE_DESCRIBE(Certificate, (kind, epoch, view, id, bitmap, signatures))

Bytes encode_certificate(const Certificate&);
/// At most 16 KiB.
Result<Certificate> decode_certificate(ByteView);

/// Fails with what is wrong: shape, power below the quorum, or a signature.
Result<void> verify(const Certificate&, ChainId, const BlockId& anchor, const ValidatorSet&);

}  // namespace ledger
