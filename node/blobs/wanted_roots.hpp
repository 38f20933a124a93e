#pragma once

#include "node/blobs/store/batch_store.hpp"

#include <algorithm>

namespace node {

/// The holder by whose name the operator keeps a batch.
inline constexpr const char* operator_holder = "operator";

/// Which batches anybody may bring: every byte is checked against the root, so that all a stranger
/// can do is to fill in what is wanted, and to begin its table anew while that is not whole.
class WantedRoots {
public:
    virtual ~WantedRoots() = default;
    /// Cheap and any thread: asked before a body is read.
    virtual bool wants(const ledger::Hash& root) const = 0;
    /// The same once its manifest is known.
    virtual bool takes(const BatchManifest& manifest) const { return wants(manifest.root); }
    /// By whose names such a batch is held from the start.
    virtual std::vector<std::string> holders(const BatchManifest&) const { return {}; }
};

/// Those that the operator has announced to this node.
class AnnouncedRoots final : public WantedRoots {
public:
    /// `store` must outlive this.
    explicit AnnouncedRoots(BatchStore& store) : store_{store} {}
    bool wants(const ledger::Hash& root) const override
    {
        const auto known = store_.info(root);
        return known && std::ranges::find(known->holders, operator_holder) != known->holders.end();
    }

private:
    BatchStore& store_;
};

/// Those that any of several wants.
class RootsOfSeveral final : public WantedRoots {
public:
    /// Before anybody asks; `wanted` must outlive this.
    void add(const WantedRoots& wanted) { all_.push_back(&wanted); }
    bool wants(const ledger::Hash& root) const override
    {
        return std::ranges::any_of(all_, [&](const auto* one) { return one->wants(root); });
    }
    bool takes(const BatchManifest& manifest) const override
    {
        return std::ranges::any_of(all_, [&](const auto* one) { return one->takes(manifest); });
    }
    std::vector<std::string> holders(const BatchManifest& manifest) const override
    {
        std::vector<std::string> names;
        for (const auto* one : all_)
            std::ranges::move(one->holders(manifest), std::back_inserter(names));
        return names;
    }

private:
    std::vector<const WantedRoots*> all_;
};

}  // namespace node
