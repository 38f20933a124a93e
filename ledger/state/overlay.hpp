#pragma once

#include "ledger/state/view.hpp"

namespace ledger {

/// A view with a diff laid over it; owns neither. Both must outlive this and hold still.
class DiffView final : public StateView {
public:
    DiffView(const StateView& below, const StateDiff& diff) : below_{&below}, diff_{&diff} {}

    std::optional<Bytes> get(ByteView key) const override;
    /// Both as one: what the diff changes hides what is below.
    void scan_from(ByteView prefix, ByteView start, const Visit& visit) const override;

private:
    const StateView* below_;
    const StateDiff* diff_;
};

/// Changes on top of a view they do not touch: a block over the stored state, one transaction
/// over its block (dropped when the transaction fails, else `apply`d to the layer below).
/// `below` must outlive this and hold still while this is read. One thread at a time.
class Overlay final : public StateView {
public:
    explicit Overlay(const StateView& below) : below_{&below} {}
    /// A layer over a layer too, where C++ would otherwise make a copy.
    explicit Overlay(const Overlay& below) : below_{&below} {}
    Overlay(Overlay&&) = delete;
    Overlay& operator=(const Overlay&) = delete;

    void put(ByteView key, ByteView value);
    void erase(ByteView key);
    /// Puts and erases what `diff` says, over what is already here.
    void apply(const StateDiff& diff);
    /// Forgets all changes.
    void clear() { diff_.clear(); }

    std::optional<Bytes> get(ByteView key) const override { return layers().get(key); }
    void scan_from(ByteView prefix, ByteView start, const Visit& visit) const override
    {
        layers().scan_from(prefix, start, visit);
    }

    /// Every key written, with the last thing written to it; also where that equals what is below.
    /// Nothing is compared on the way, as that would cost a read for each write. The state root is
    /// the same either way: a change to the same value changes no tree node.
    const StateDiff& diff() const { return diff_; }
    /// Only what differs from below, at one read for each key: for people and for statistics.
    StateDiff effective_diff() const;
    /// Hands the diff over and is empty afterwards.
    StateDiff take();

private:
    DiffView layers() const { return {*below_, diff_}; }

    const StateView* below_;
    StateDiff diff_;
};

}  // namespace ledger
