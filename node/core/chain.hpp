#pragma once

#include "ledger/consensus/epoch.hpp"
#include "ledger/consensus/records.hpp"
#include "ledger/store/block_store.hpp"
#include "market/execute.hpp"
#include "node/core/block_tree.hpp"
#include "node/core/genesis_block.hpp"

#include <memory>
#include <optional>
#include <span>
#include <utility>

namespace node {

using ledger::Result;

/// The newest final block.
struct Head {
    ledger::Header header;
    ledger::BlockId id;
};

/// The state right after a final block, with a checkpoint of that height.
struct Frozen {
    ledger::Height height;
    std::unique_ptr<ledger::StateView> state;
};

/// A block that was made here.
struct BuiltBlock {
    const ExecutedBlock* block{};
    ledger::BlockBody body;
    std::vector<ledger::WireId> wire_ids;
    /// What was left out, and why.
    struct Omitted {
        ledger::TxId id;
        market::EnvelopeFault fault;
    };
    std::vector<Omitted> omitted;
};

/// Owns the head: executes blocks on it and on each other, and applies final ones to the store. It
/// decides nothing about time, order of transactions or finality, and touches no disk but through
/// the store.
///
/// Errors: `invalid` when a block does not lead to what its header says; `not_found` when its
/// parent is not known; `corrupt` when stored state makes no sense; what the store returns
/// otherwise. After anything but the first two the chain is not to be used any more.
/// Threads: one owns it. Network and store must outlive it.
class Chain {
public:
    /// A checkpoint is written at least this often.
    static constexpr std::uint64_t checkpoint_blocks = 64;

    /// Takes up the store where it stands; writes block 0 when it is empty. `invalid` when the
    /// store holds another network.
    static Result<std::unique_ptr<Chain>> open(const market::Network&, ledger::BlockStore&,
                                               ledger::TreeOptions = {});

    const Head& head() const { return head_; }
    const ledger::StateView& state() const { return store_.state(); }
    const ledger::BlockStore& store() const { return store_; }
    /// Executed or final.
    bool knows(const ledger::BlockId& id) { return id == head_.id || tree_.find(id) != nullptr; }
    /// The executed blocks from above the head up to this one, oldest first; empty for the head.
    std::optional<std::vector<ExecutedBlock*>> above_head(const ledger::BlockId& id)
    {
        return tree_.path(id);
    }
    /// The epoch that the next block on the head belongs to. Its `finalized` is what the store
    /// has: absent on an anchor, and where a crash has split what became final together.
    Result<ledger::consensus::Base> base() const;

    /// Makes a block on `start.parent_id` of what is executable among the transactions, in order,
    /// with the time in `start`. Fills in roots, kind and next_valset_hash.
    Result<BuiltBlock> build(const ledger::Header& start,
                             std::span<const market::CheckedTransaction> transactions);

    /// Executes a block on its parent and compares everything in its header that `build` would
    /// fill in. The transactions are those of its body, their signatures checked.
    Result<const ExecutedBlock*> execute(
        const ledger::Header&, std::span<const market::CheckedTransaction* const> transactions);

    /// Makes an executed child of the head the head, in the store and here. `seq` is the newest
    /// record of the log that this follows from. `certificate` is its own F, if it has one.
    Result<ExecutedBlock> commit(ledger::BlockId, const ledger::BlockBody&,
                                 const std::optional<ledger::Certificate>& certificate,
                                 std::uint64_t seq);

    /// Makes everything so far durable without the log, up to the newest committed block. `commit`
    /// does so by itself every checkpoint_blocks.
    Result<void> checkpoint();

    /// From now on big blocks' shares of the state tree are worked out by this.
    void run_with(ledger::RunTasks run_all) { state_tree_.run_with(std::move(run_all)); }

    /// From now on the state after every so-manieth height is put by, for a snapshot; 0: none is.
    void freeze_every(std::uint64_t blocks) { freeze_every_ = blocks; }
    /// The newest state that was put by since the last call.
    std::optional<Frozen> take_frozen() { return std::exchange(frozen_, std::nullopt); }

    /// Where a key stands in the state tree at the head.
    Result<ledger::StateProof> prove(ledger::ByteView state_key)
    {
        return state_tree_.prove(state_key);
    }

    /// Keeps how an epoch ended; durable at the next checkpoint.
    Result<void> keep(const ledger::consensus::EpochProof&);
    Result<std::optional<ledger::consensus::EpochProof>> epoch_proof(std::uint64_t epoch) const;

private:
    Chain(const market::Network&, ledger::BlockStore&, std::unique_ptr<ledger::TreeNodes>,
          ledger::StateTree, ledger::HistoryTree, Head);

    Result<ledger::Header> anchor_header(std::uint64_t epoch, const ledger::BlockId&) const;
    struct Ground;  // what a block is executed on
    Result<Ground> ground(const ledger::BlockId& parent);
    struct Ordered;  // what a block holds, by its names
    Result<ExecutedBlock> finish(ledger::Header, const Ground&, Ordered, market::BlockExecution&);

    const market::Network& network_;
    ledger::BlockStore& store_;
    std::unique_ptr<ledger::TreeNodes> nodes_;
    ledger::StateTree state_tree_;
    ledger::HistoryTree history_;  ///< over the ids of all blocks up to the head
    Head head_;
    BlockTree tree_;
    MergedDiff merged_;
    std::uint64_t freeze_every_ = 0;
    std::optional<Frozen> frozen_;
};

/// The proposer's payout account of a block, by the set that decides about it.
ledger::Address payout_of(const ledger::ValidatorSet&, const ledger::Header&);

/// Under which name the store keeps how an epoch ended.
std::string epoch_proof_meta(std::uint64_t epoch);

}  // namespace node
