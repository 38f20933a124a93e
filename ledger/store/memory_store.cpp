#include "ledger/base/ensure.hpp"
#include "ledger/state/memory_state.hpp"
#include "ledger/state/state_tree.hpp"
#include "ledger/store/block_store.hpp"
#include "ledger/store/pruning.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <utility>

namespace ledger {
namespace {

/// A state that later appends leave alone.
class FrozenState final : public StateView {
public:
    explicit FrozenState(std::shared_ptr<const MemoryState> state) : state_{std::move(state)} {}
    std::optional<Bytes> get(ByteView key) const override { return state_->get(key); }
    void scan_from(ByteView prefix, ByteView start, const Visit& visit) const override
    {
        state_->scan_from(prefix, start, visit);
    }

private:
    std::shared_ptr<const MemoryState> state_;
};

class MemoryStore final : public BlockStore {
public:
    explicit MemoryStore(const StoreOptions& options) : options_{options} {}

    std::optional<Height> tip() const override
    {
        const std::shared_lock lock{mutex_};
        if (blocks_.empty()) return {};
        return Height{last_height()};
    }

    std::optional<Height> base() const override
    {
        const std::shared_lock lock{mutex_};
        if (blocks_.empty()) return {};
        return Height{base_};
    }

    Result<void> load(const StorePart& part) override
    {
        const std::unique_lock lock{mutex_};
        ensure(blocks_.empty(), "a store is filled before it begins");
        StateDiff entries;
        for (const auto& [key, value] : part.entries) entries.emplace(key, value);
        state_->apply(entries);
        nodes_.insert(part.nodes.begin(), part.nodes.end());
        return {};
    }

    Result<void> begin(const StoreBase& base) override
    {
        const std::unique_lock lock{mutex_};
        ensure(blocks_.empty(), "a store begins once");
        for (const auto* block : {&base.genesis, &base.block}) {
            blocks_.emplace(block->height.value, *block);
            heights_.insert_or_assign(block->id, block->height);
        }
        for (const auto& node : base.history.frontier()) {
            history_nodes_.insert_or_assign({node.level, node.index}, node.hash);
        }
        base_ = floor_ = base.block.height.value;
        checkpoint_ = Checkpoint{base.block.height, base.root, 0};
        meta_.insert_or_assign(std::string{frontier_meta}, base.history.encode());
        return {};
    }

    Result<void> append(const BlockCommit& commit) override
    {
        const std::unique_lock lock{mutex_};
        const auto height = commit.block.height;
        ensure(height.value == (blocks_.empty() ? 0 : last_height() + 1),
               "blocks are appended in order");
        ensure(commit.applied_seq >= applied_seq_, "the log is applied in order");
        for (const auto& [key, value] : commit.state) {
            auto old = state_->get(key);
            if (old != value) history_[key].emplace(height.value, std::move(old));
        }
        if (handed_out_) state_ = std::make_shared<MemoryState>(*state_);
        handed_out_ = false;
        state_->apply(commit.state);
        for (std::uint32_t i = 0; i < commit.tx_ids.size(); ++i) {
            transactions_.insert_or_assign(commit.tx_ids[i], TxLocation{height, i});
        }
        heights_.insert_or_assign(commit.block.id, height);
        for (const auto& node : commit.history) {
            history_nodes_.insert_or_assign({node.level, node.index}, node.hash);
        }
        blocks_.emplace(height.value, commit.block);
        applied_seq_ = commit.applied_seq;
        return {};
    }

    Result<void> checkpoint(const TreeChanges& changes, std::uint64_t applied_seq) override
    {
        const std::unique_lock lock{mutex_};
        ensure(!blocks_.empty() && changes.version.value <= last_height(),
               "a checkpoint is of a block that is there");
        ensure(applied_seq <= applied_seq_, "a checkpoint claims only what was applied");
        for (const auto& [key, node] : changes.nodes) nodes_.insert_or_assign(key, node);
        for (const auto& key : changes.stale) stale_.emplace(changes.version.value, key);
        checkpoint_ = Checkpoint{changes.version, changes.root, applied_seq};
        while (!stale_.empty() && stale_.begin()->first <= oldest_kept()) {
            nodes_.erase(stale_.begin()->second);
            stale_.erase(stale_.begin());
        }
        prune(next_base(options_, base_, changes.version.value, last_height()));
        return {};
    }

    Result<StoredBlock> block(Height height) const override
    {
        const std::shared_lock lock{mutex_};
        if (blocks_.empty() || height.value > last_height())
            return Error{ErrorKind::not_found, "block"};
        if (height.value != 0 && height.value < base_) return pruned_error(height, {base_});
        return blocks_.at(height.value);
    }

    Result<Height> height_of(const BlockId& id) const override
    {
        const std::shared_lock lock{mutex_};
        const auto found = heights_.find(id);
        if (found == heights_.end()) return Error{ErrorKind::not_found, "block"};
        return found->second;
    }

    Result<TxLocation> find_tx(const TxId& id) const override
    {
        const std::shared_lock lock{mutex_};
        const auto found = transactions_.find(id);
        if (found == transactions_.end()) return Error{ErrorKind::not_found, "transaction"};
        return found->second;
    }

    const StateView& state() const override { return current_; }

    Result<std::unique_ptr<StateView>> snapshot() const override
    {
        const std::unique_lock lock{mutex_};
        handed_out_ = true;
        return std::unique_ptr<StateView>{std::make_unique<FrozenState>(state_)};
    }

    Result<std::optional<Bytes>> state_at(ByteView key, Height height) const override
    {
        const std::shared_lock lock{mutex_};
        if (blocks_.empty() || height.value > last_height())
            return Error{ErrorKind::not_found, "block"};
        if (height.value < oldest_kept()) return Error{ErrorKind::not_found, "history not kept"};
        const auto found = history_.find(key);
        if (found != history_.end()) {
            const auto next = found->second.upper_bound(height.value);
            if (next != found->second.end()) return next->second;
        }
        return state_->get(key);
    }

    Result<std::optional<Hash>> history_node(std::uint8_t level, std::uint64_t index) const override
    {
        const std::shared_lock lock{mutex_};
        const auto found = history_nodes_.find({level, index});
        if (found == history_nodes_.end()) return std::optional<Hash>{};
        return std::optional{found->second};
    }

    Result<std::optional<Bytes>> tree_node(ByteView node_key) const override
    {
        const std::shared_lock lock{mutex_};
        const auto found = nodes_.find(node_key);
        if (found == nodes_.end()) return std::optional<Bytes>{};
        return std::optional{found->second};
    }

    std::optional<Checkpoint> last_checkpoint() const override
    {
        const std::shared_lock lock{mutex_};
        return checkpoint_;
    }

    std::uint64_t applied_seq() const override
    {
        const std::shared_lock lock{mutex_};
        return applied_seq_;
    }

    Result<void> put_meta(std::string_view name, ByteView value) override
    {
        const std::unique_lock lock{mutex_};
        meta_.insert_or_assign(std::string{name}, Bytes(value.begin(), value.end()));
        return {};
    }

    Result<std::optional<Bytes>> get_meta(std::string_view name) const override
    {
        const std::shared_lock lock{mutex_};
        const auto found = meta_.find(name);
        if (found == meta_.end()) return std::optional<Bytes>{};
        return std::optional{found->second};
    }

    Result<void> verify_files() const override { return {}; }

private:
    /// The state at the tip, for the appending thread: no lock, so that a visit may read.
    class CurrentState final : public StateView {
    public:
        explicit CurrentState(const MemoryStore& store) : store_{store} {}
        std::optional<Bytes> get(ByteView key) const override { return store_.state_->get(key); }
        void scan_from(ByteView prefix, ByteView start, const Visit& visit) const override
        {
            store_.state_->scan_from(prefix, start, visit);
        }

    private:
        const MemoryStore& store_;
    };

    /// There is a block.
    std::uint64_t last_height() const { return blocks_.rbegin()->first; }

    std::uint64_t oldest_kept() const
    {
        const auto tip = blocks_.empty() ? 0 : last_height();
        const bool all = options_.archive || tip < options_.keep_versions;
        return std::max(floor_, all ? 0 : tip - options_.keep_versions);
    }

    void prune(std::uint64_t base)
    {
        if (base <= base_) return;
        blocks_.erase(blocks_.lower_bound(std::max<std::uint64_t>(base_, 1)),
                      blocks_.lower_bound(base));
        base_ = base;
        const auto gone = [base](Height height) {
            return height.value != 0 && height.value < base;
        };
        std::erase_if(heights_, [&](const auto& entry) { return gone(entry.second); });
        std::erase_if(transactions_, [&](const auto& entry) { return gone(entry.second.height); });
    }

    StoreOptions options_;
    mutable std::shared_mutex mutex_;
    std::map<std::uint64_t, StoredBlock> blocks_;
    std::uint64_t base_ = 0;
    std::uint64_t floor_ = 0;  ///< the state before was never here
    std::map<BlockId, Height> heights_;
    std::map<TxId, TxLocation> transactions_;
    std::map<std::pair<std::uint8_t, std::uint64_t>, Hash> history_nodes_;
    std::shared_ptr<MemoryState> state_ = std::make_shared<MemoryState>();
    /// A snapshot has `state_`: the next append leaves it alone and changes a copy.
    mutable bool handed_out_ = false;
    /// key -> (height -> value before that block)
    std::map<Bytes, std::map<std::uint64_t, std::optional<Bytes>>, BytewiseLess> history_;
    std::map<Bytes, Bytes, BytewiseLess> nodes_;
    std::multimap<std::uint64_t, Bytes> stale_;
    std::optional<Checkpoint> checkpoint_;
    std::uint64_t applied_seq_ = 0;
    std::map<std::string, Bytes, std::less<>> meta_;
    CurrentState current_{*this};
};

}  // namespace

std::unique_ptr<BlockStore> make_memory_store(const StoreOptions& options)
{
    return std::make_unique<MemoryStore>(options);
}

}  // namespace ledger
