#pragma once

#include "ledger/chain/block.hpp"
#include "ledger/chain/certificate.hpp"
#include "ledger/chain/genesis.hpp"

#include <string>
#include <string_view>

/// Checking what a node says without trusting it (consensus.md 11): pure, for whoever holds no
/// chain.
namespace ledger::light {

/// Where trust begins: the block that opened an epoch, and the validators of that epoch. The
/// anchor's header names the set by its hash, so whoever trusts the anchor's id trusts it all.
struct TrustedCheckpoint {
    ChainId chain_id;
    BlockId genesis_id;
    std::uint64_t epoch{};
    Header anchor;  ///< the genesis block, or the seal of the epoch before
    ValidatorSet validators;
    friend bool operator==(const TrustedCheckpoint&, const TrustedCheckpoint&) = default;
};
MILLRACE_DESCRIBE(TrustedCheckpoint, (chain_id, genesis_id, epoch, anchor, validators))

struct CheckpointLimits {
    static constexpr std::size_t bytes = 64 * 1024;
    static constexpr std::size_t json_bytes = 256 * 1024;
};

/// That the parts belong together. `invalid` says which do not; it does not say that the anchor
/// is to be trusted.
Result<void> check(const TrustedCheckpoint&);

/// The checkpoint that a genesis document is. `block_0` is the header that follows from it;
/// `invalid` when it does not.
Result<TrustedCheckpoint> genesis_checkpoint(const Genesis&, const Header& block_0);

/// Canonical encoding and JSON, in and out; what is read is checked. `full` when too long.
Bytes encode_checkpoint(const TrustedCheckpoint&);
Result<TrustedCheckpoint> decode_checkpoint(ByteView);
std::string checkpoint_json(const TrustedCheckpoint&, int indent = 2);
Result<TrustedCheckpoint> parse_checkpoint(std::string_view json_text);

}  // namespace ledger::light
