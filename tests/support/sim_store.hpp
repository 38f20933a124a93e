#pragma once

#include "ledger/state/state_tree.hpp"
#include "ledger/store/block_store.hpp"

#include <functional>
#include <variant>
#include <vector>

namespace ledger {

/// A store in memory that fails as one on a disk does: a power cut loses what came after the last
/// checkpoint, but for a prefix of it; an error breaks it until it is opened again. Remembers all
/// that was done to it, so a loss costs as much as everything since genesis.
/// Threads: one.
class SimStore final : public BlockStore {
public:
    explicit SimStore(StoreOptions options = {})
        : options_{options}, inner_{make_memory_store(options)}
    {
    }

    /// Loses power. `keep` is asked, operation by operation, how long the prefix is that had
    /// reached the disk. Whoever holds the state of before must be gone.
    void lose(const std::function<bool()>& keep);
    /// The n-th append or checkpoint from now (0 is the next) meets this error, and so does every
    /// later one until `reopen`.
    void fail(std::uint64_t after, ErrorKind kind) { fault_ = Fault{after, kind, false}; }
    bool has_failed() const { return fault_ && fault_->is_here; }
    void reopen() { fault_.reset(); }

    std::optional<Height> tip() const override { return inner_->tip(); }
    std::optional<Height> base() const override { return inner_->base(); }
    Result<void> load(const StorePart& part) override;
    Result<void> begin(const StoreBase& base) override;
    Result<void> append(const BlockCommit& commit) override;
    Result<void> checkpoint(const TreeChanges& changes, std::uint64_t applied_seq) override;
    Result<StoredBlock> block(Height height) const override { return inner_->block(height); }
    Result<Height> height_of(const BlockId& id) const override { return inner_->height_of(id); }
    Result<TxLocation> find_tx(const TxId& id) const override { return inner_->find_tx(id); }
    const StateView& state() const override { return inner_->state(); }
    Result<std::unique_ptr<StateView>> snapshot() const override { return inner_->snapshot(); }
    Result<std::optional<Bytes>> state_at(ByteView key, Height height) const override
    {
        return inner_->state_at(key, height);
    }
    Result<std::optional<Hash>> history_node(std::uint8_t level, std::uint64_t index) const override
    {
        return inner_->history_node(level, index);
    }
    Result<std::optional<Bytes>> tree_node(ByteView node_key) const override
    {
        return inner_->tree_node(node_key);
    }
    std::optional<Checkpoint> last_checkpoint() const override { return inner_->last_checkpoint(); }
    std::uint64_t applied_seq() const override { return inner_->applied_seq(); }
    Result<void> put_meta(std::string_view name, ByteView value) override;
    Result<std::optional<Bytes>> get_meta(std::string_view name) const override
    {
        return inner_->get_meta(name);
    }
    Result<void> verify_files() const override { return inner_->verify_files(); }

private:
    struct Meta {
        std::string name;
        Bytes value;
    };
    struct Mark {
        TreeChanges changes;
        std::uint64_t applied_seq;
    };
    using Operation = std::variant<StorePart, StoreBase, BlockCommit, Mark, Meta>;
    struct Fault {
        std::uint64_t after;
        ErrorKind kind;
        bool is_here;
    };

    std::optional<Error> fault();
    Result<void> apply(const Operation&);
    Result<void> keep(Operation, bool is_durable);

    StoreOptions options_;
    std::unique_ptr<BlockStore> inner_;
    std::vector<Operation> operations_;
    std::size_t durable_ = 0;  ///< operations that survive everything
    std::optional<Fault> fault_;
};

}  // namespace ledger
