#pragma once

#include "ledger/chain/block.hpp"
#include "ledger/chain/certificate.hpp"
#include "ledger/chain/transaction.hpp"
#include "ledger/state/history.hpp"
#include "ledger/state/overlay.hpp"
#include "ledger/state/state_tree.hpp"
#include "market/receipt.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace node {

/// A block that has been executed, with all it leads to. Nothing of it has happened yet.
struct ExecutedBlock {
    ledger::Header header;
    ledger::BlockId id;
    std::vector<ledger::TxId> tx_ids;
    std::vector<ledger::WireId> wire_ids;
    std::vector<market::Receipt> receipts;
    std::vector<ledger::ReplayKey> used;  ///< in any order
    ledger::StateDiff diff;
    ledger::TreeHead tree;
    ledger::HistoryTree history;                        ///< up to this block
    std::vector<ledger::HistoryNode> completed;         ///< nodes of the history it completes
    std::optional<ledger::ValidatorSet> next_set = {};  ///< of a sealing block
    bool is_sorted = false;                             ///< `used`

    /// Looks a nonce up among `used`; the first time it sorts them.
    bool uses(const ledger::ReplayKey&);
};

/// State below with the changes of several blocks over it, oldest first. Owns neither; both must
/// outlive it and hold still.
class StateAfter final : public ledger::StateView {
public:
    explicit StateAfter(const ledger::StateView& below) : top_{&below} {}
    StateAfter(const StateAfter&) = delete;
    StateAfter& operator=(const StateAfter&) = delete;

    void add(const ledger::StateDiff& diff);

    std::optional<ledger::Bytes> get(ledger::ByteView key) const override { return top_->get(key); }
    void scan_from(ledger::ByteView prefix, ledger::ByteView start,
                   const Visit& visit) const override
    {
        top_->scan_from(prefix, start, visit);
    }

private:
    std::deque<ledger::DiffView> layers_;
    const ledger::StateView* top_;
};

/// The changes of many blocks that follow each other as one diff, so that a read does not look at
/// each; made anew when the path is another one.
class MergedDiff {
public:
    /// Of the blocks of a path, oldest first.
    const ledger::StateDiff& of(const std::vector<ExecutedBlock*>& path);
    void clear();

private:
    void add(const ExecutedBlock&);

    std::optional<ledger::BlockId> tip_;  ///< of what is in it
    std::size_t blocks_ = 0;              ///< that went into it, also those that are final by now
    ledger::StateDiff diff_;
};

/// The executed blocks above the newest final one.
class BlockTree {
public:
    explicit BlockTree(const ledger::BlockId& root) : root_{root} {}

    /// The newest final block, on which all others stand.
    const ledger::BlockId& root() const { return root_; }
    ExecutedBlock* find(const ledger::BlockId&);
    /// Its parent is the root or here.
    ExecutedBlock& add(ExecutedBlock);
    /// The blocks from above the root up to this one, oldest first; empty for the root. Empty
    /// optional when it is not known.
    std::optional<std::vector<ExecutedBlock*>> path(const ledger::BlockId&);
    /// Makes a child of the root the root, takes it out, and forgets what does not stand on it.
    ExecutedBlock advance(ledger::BlockId);
    std::size_t size() const { return blocks_.size(); }

private:
    void drop(const ledger::BlockId&);

    ledger::BlockId root_;
    std::map<ledger::BlockId, ExecutedBlock> blocks_;
    std::map<ledger::BlockId, std::set<ledger::BlockId>> children_;
};

}  // namespace node
