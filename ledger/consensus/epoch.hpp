#pragma once

#include "ledger/chain/block.hpp"
#include "ledger/chain/certificate.hpp"

#include <cstdint>
#include <vector>

/// Simplex with justified proposals (consensus.md): the pure core, its objects and their checks.
namespace ledger::consensus {

using View = std::uint64_t;
/// Position of a validator in the set of its epoch.
using Index = std::uint32_t;

struct SetLimits {
    static constexpr std::size_t validators = 128;
};

/// One epoch: who votes, how much power decides, and who leads which view (consensus.md 1).
/// Views start at 1; (0, anchor) counts as notarized and finalized.
class Epoch {
public:
    /// `set` has 1...128 validators, each with power, and a sum of at most 2^62.
    Epoch(ChainId, std::uint64_t number, const BlockId& anchor, ValidatorSet set);

    ChainId chain_id() const { return chain_id_; }
    std::uint64_t number() const { return number_; }
    const BlockId& anchor() const { return anchor_; }
    const ValidatorSet& set() const { return set_; }
    const Hash& set_hash() const { return set_hash_; }
    std::size_t size() const { return set_.size(); }
    std::uint64_t power(Index index) const { return set_[index].power; }
    std::uint64_t total() const { return total_; }
    /// floor(2W/3) + 1.
    std::uint64_t quorum() const { return quorum_; }
    /// floor((W-1)/3) + 1: at least one of so much power is honest.
    std::uint64_t blocking() const { return total_ - quorum_ + 1; }
    Index leader(View view) const { return order_[(view - 1) % order_.size()]; }

    VoteSubject subject(VoteKind kind, View view, const BlockId& id) const
    {
        return {chain_id_, number_, anchor_, kind, view, id};
    }
    /// What a proposer signs: H("prop", chain_id, epoch, anchor, view, id).
    Hash proposal_digest(View view, const BlockId& id) const;

private:
    ChainId chain_id_;
    std::uint64_t number_;
    BlockId anchor_;
    ValidatorSet set_;
    Hash set_hash_;
    std::uint64_t total_ = 0;
    std::uint64_t quorum_ = 0;
    std::vector<Index> order_;
};

/// The order in which `n` validators lead: a Fisher-Yates shuffle of 0...n-1, drawing from
/// tagged SHA-256 of (chain_id, epoch, anchor, counter) without bias.
std::vector<Index> leader_order(ChainId, std::uint64_t epoch, const BlockId& anchor, std::size_t n);

}  // namespace ledger::consensus
