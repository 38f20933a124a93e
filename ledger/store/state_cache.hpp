#pragma once

#include "ledger/state/view.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ledger {

/// What was read from or written to the flat table lately, so that executing a block does not
/// search the table for the same account five times. Holds also that a key is absent.
///
/// Two generations: what is used moves to the young one; when that is full the old one goes.
/// Threads: one at a time.
class StateCache {
public:
    /// `salt` must be unpredictable: whoever knows it can choose keys that collide.
    StateCache(std::size_t budget_bytes, std::uint64_t salt);

    using Value = std::optional<Bytes>;  ///< nullopt: there is no such key
    /// Null when it is not known. Valid until the next call.
    const Value* find(ByteView key);
    void put(ByteView key, Value value);
    void clear();

    /// What the entries occupy, roughly; never above one and a half times the budget.
    std::size_t bytes() const { return young_bytes_ + old_bytes_; }

private:
    struct SaltedHash {
        using is_transparent = void;
        std::uint64_t salt;
        std::size_t operator()(std::string_view key) const;
    };
    using Entries = std::unordered_map<std::string, Value, SaltedHash, std::equal_to<>>;

    std::size_t half_budget_;
    Entries young_;
    Entries old_;
    std::size_t young_bytes_ = 0;
    std::size_t old_bytes_ = 0;
};

/// A view that remembers. `below` must change only together with `cache`.
class CachedState final : public StateView {
public:
    CachedState(const StateView& below, StateCache& cache) : below_{below}, cache_{cache} {}
    std::optional<Bytes> get(ByteView key) const override;
    void scan_from(ByteView prefix, ByteView start, const Visit& visit) const override;

private:
    const StateView& below_;
    StateCache& cache_;
};

}  // namespace ledger
