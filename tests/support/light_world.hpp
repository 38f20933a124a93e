#pragma once

#include "ledger/crypto/secp256k1.hpp"
#include "ledger/light/checkpoint.hpp"
#include "ledger/light/proofs.hpp"
#include "ledger/state/history.hpp"
#include "ledger/state/state_tree.hpp"

#include <deque>
#include <map>

namespace ledger::light {

/// The key of validator `n`, from 1.
SecretKey light_key(std::uint8_t n);
Validator light_validator(std::uint8_t n, std::uint64_t power);
/// A genesis document with these validators and nobody else.
Genesis light_genesis(ValidatorSet);

/// A network of many validators over many epochs, as light clients see it: blocks that are signed,
/// not executed, and proofs of everything in them.
class LightWorld {
public:
    explicit LightWorld(const Genesis&, const StateDiff& genesis_state = {});

    struct Draft {
        StateDiff state = {};
        std::vector<Bytes> receipts = {};
        bool has_certificate = true;      ///< else final through the next one that has
        std::uint64_t skipped_views = 0;  ///< that nobody led to a block
        std::uint64_t seconds = 1;        ///< since the block before
    };
    Height add(Draft);
    Height add() { return add(Draft{}); }
    /// A sealing block, then as many TAIL blocks; with none the seal itself is certified. The next
    /// epoch begins.
    Height seal(ValidatorSet next, std::size_t tails, Draft);
    Height seal(ValidatorSet next, std::size_t tails = 0) { return seal(next, tails, Draft{}); }

    /// Votes of these members for a block, in the name of an epoch that was.
    Certificate certificate(const Header&, VoteKind, const std::vector<std::size_t>& voters) const;
    /// The same by all members.
    Certificate certificate(const Header&, VoteKind = VoteKind::finalize) const;

    Height tip() const { return {blocks_.size() - 1}; }
    const Header& header(Height height) const { return blocks_[height.value].header; }
    BlockId id(Height height) const { return block_id(header(height)); }
    std::uint64_t epoch() const { return epochs_.size() - 1; }
    const ValidatorSet& set(std::uint64_t epoch) const { return epochs_[epoch].set; }
    const Genesis& genesis() const { return genesis_; }

    TrustedCheckpoint checkpoint(std::uint64_t epoch = 0) const;
    Finality finality(Height) const;
    /// At the tip.
    StateProofAt state(const Bytes& key) const;
    ReceiptProof receipt(Height, std::uint32_t index) const;
    BlockProof block(Height, Height newer) const;
    BlockProof block(Height height) const { return block(height, tip()); }
    /// Of epochs from...to - 1.
    EpochProofs epochs(std::uint64_t from, std::uint64_t to) const;
    EpochProofs epochs(std::uint64_t from = 0) const { return epochs(from, epoch()); }

private:
    struct Block {
        Header header;
        std::optional<Certificate> certificate;
        std::vector<Bytes> receipts;
    };
    struct Epoch {
        BlockId anchor;
        Height anchor_height;
        ValidatorSet set;
        std::optional<consensus::EpochProof> proof;
    };
    Header next_block(const Draft&);

    Genesis genesis_;
    std::vector<Block> blocks_;
    std::deque<Epoch> epochs_;
    std::map<Bytes, Bytes> state_;
    MemoryTreeNodes nodes_;
    mutable StateTree tree_{nodes_};
    HistoryTree history_;
};

}  // namespace ledger::light
