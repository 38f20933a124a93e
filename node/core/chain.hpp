#pragma once

#include "ledger/chain/block.hpp"
#include "ledger/chain/certificate.hpp"
#include "ledger/state/history.hpp"
#include "ledger/state/state_tree.hpp"
#include "ledger/store/block_store.hpp"
#include "market/execute.hpp"
#include "node/core/block_record.hpp"

#include <memory>
#include <span>

namespace node {

using ledger::Result;

/// The newest final block.
struct Head {
    ledger::Header header;
    ledger::BlockId id;
};

/// A block on top of the head with all it leads to; nothing of it has happened yet.
struct Candidate {
    ledger::Header header;
    ledger::BlockId id;
    ledger::BlockBody body;
    ledger::Certificate certificate;
    std::vector<market::Receipt> receipts;
    std::vector<ledger::TxId> tx_ids;
    ledger::StateDiff diff;
    ledger::TreeHead tree;

    BlockRecord record() const;
};

/// Owns the head: executes blocks on it, and applies final ones to the store. It decides nothing
/// about time, order of transactions or finality, and touches no disk but through the store.
///
/// Errors: `corrupt` when a block does not lead to the roots in its header, or stored state makes
/// no sense; what the store returns otherwise.
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

    /// What was left out of a block, and why.
    struct Omitted {
        ledger::TxId id;
        market::EnvelopeFault fault;
    };

    /// Executes what is executable of `transactions`, in order, in a block of that time, which is
    /// moved on to just after the head's when it is not later. Without a certificate yet.
    Result<Candidate> build(std::span<const market::CheckedTransaction> transactions,
                            ledger::TimeMs now, std::vector<Omitted>& omitted);

    /// Executes a block made elsewhere or before, and compares everything its header says.
    Result<Candidate> execute(const BlockRecord&);

    /// Makes a candidate the head, in the store and here. `seq` is its number in the log.
    Result<void> commit(Candidate, std::uint64_t seq);

    /// Makes everything so far durable without the log, up to the newest committed block. `commit`
    /// does so by itself every checkpoint_blocks.
    Result<void> checkpoint();

    /// Where a key stands in the state tree at the head.
    Result<ledger::StateProof> prove(ledger::ByteView state_key) { return tree_.prove(state_key); }

    /// Id of the block that opened the epoch: what votes are bound to.
    const ledger::BlockId& anchor() const { return network_.genesis_id; }

private:
    Chain(const market::Network&, ledger::BlockStore&, std::unique_ptr<ledger::TreeNodes>,
          ledger::StateTree, ledger::HistoryTree, Head);

    Result<Candidate> finish(ledger::Header, ledger::BlockBody, std::vector<ledger::TxId>,
                             market::BlockExecution&);

    const market::Network& network_;
    ledger::BlockStore& store_;
    std::unique_ptr<ledger::TreeNodes> nodes_;
    ledger::StateTree tree_;
    ledger::HistoryTree history_;  ///< over the ids of all blocks up to the head
    Head head_;
};

/// The proposer's payout account of a block.
ledger::Address payout_of(const market::Network&, const ledger::Header&);

}  // namespace node
