#pragma once

#include "ledger/store/block_store.hpp"

#include <functional>
#include <map>

namespace ledger {

/// Another store as seen through a damaged disk: reads are handed to whoever changes them. Only
/// for reading; the store must outlive it.
class TamperedStore final : public BlockStore {
public:
    explicit TamperedStore(BlockStore& store) : store_{store} {}

    std::function<void(StoredBlock&)> block_read;
    std::function<void(TxLocation&)> location_read;
    std::function<void(Height&)> height_read;
    /// Instead of what is stored; empty: it is gone.
    std::map<Bytes, std::optional<Bytes>> entries;
    bool lacks_history = false;

    std::optional<Height> tip() const override { return store_.tip(); }
    std::optional<Height> base() const override { return store_.base(); }
    Result<StoredBlock> block(Height height) const override
    {
        return changed(store_.block(height), block_read);
    }
    Result<Height> height_of(const BlockId& id) const override
    {
        return changed(store_.height_of(id), height_read);
    }
    Result<TxLocation> find_tx(const TxId& id) const override
    {
        return changed(store_.find_tx(id), location_read);
    }
    const StateView& state() const override { return store_.state(); }
    Result<std::unique_ptr<StateView>> snapshot() const override
    {
        auto view = store_.snapshot();
        if (!view) return view.error();
        return std::unique_ptr<StateView>{new View{std::move(*view), entries}};
    }
    Result<std::optional<Bytes>> state_at(ByteView key, Height height) const override
    {
        return store_.state_at(key, height);
    }
    Result<std::optional<Hash>> history_node(std::uint8_t level, std::uint64_t index) const override
    {
        if (lacks_history) return std::optional<Hash>{};
        return store_.history_node(level, index);
    }
    Result<std::optional<Bytes>> tree_node(ByteView key) const override
    {
        return store_.tree_node(key);
    }
    std::optional<Checkpoint> last_checkpoint() const override { return store_.last_checkpoint(); }
    std::uint64_t applied_seq() const override { return store_.applied_seq(); }
    Result<std::optional<Bytes>> get_meta(std::string_view name) const override
    {
        return store_.get_meta(name);
    }
    Result<void> verify_files() const override { return store_.verify_files(); }

    Result<void> load(const StorePart&) override { return read_only(); }
    Result<void> begin(const StoreBase&) override { return read_only(); }
    Result<void> append(const BlockCommit&) override { return read_only(); }
    Result<void> checkpoint(const TreeChanges&, std::uint64_t) override { return read_only(); }
    Result<void> put_meta(std::string_view, ByteView) override { return read_only(); }

private:
    class View final : public StateView {
    public:
        View(std::unique_ptr<StateView> below, const std::map<Bytes, std::optional<Bytes>>& entries)
            : below_{std::move(below)}, entries_{entries}
        {
        }
        std::optional<Bytes> get(ByteView key) const override
        {
            const auto found = entries_.find(Bytes(key.begin(), key.end()));
            return found == entries_.end() ? below_->get(key) : found->second;
        }
        void scan_from(ByteView prefix, ByteView start, const Visit& visit) const override
        {
            below_->scan_from(prefix, start, [&](ByteView key, ByteView) {
                const auto value = get(key);
                return !value || visit(key, *value);
            });
        }

    private:
        std::unique_ptr<StateView> below_;
        const std::map<Bytes, std::optional<Bytes>>& entries_;
    };

    template <class T>
    static Result<T> changed(Result<T> read, const std::function<void(T&)>& change)
    {
        if (read && change) change(*read);
        return read;
    }
    static Error read_only() { return {ErrorKind::denied, "only for reading"}; }

    BlockStore& store_;
};

}  // namespace ledger
