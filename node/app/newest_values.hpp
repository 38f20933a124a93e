#pragma once

#include "ledger/base/ids.hpp"

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace node {

/// What was read from the state at the newest height, kept until the next block. Whoever reads asks
/// for the height first and for the state then, so that what is kept is never older than its
/// height. Any thread.
template <class Key, class Value>
class NewestValues {
public:
    /// Holds at most `limit` values: one more, and all are forgotten.
    explicit NewestValues(std::size_t limit) : limit_{limit} {}

    std::optional<Value> find(ledger::Height newest, const Key& key) const
    {
        const std::lock_guard lock{mutex_};
        if (height_ != newest) return {};
        const auto found = values_.find(key);
        if (found == values_.end()) return {};
        return found->second;
    }

    /// Does nothing when a later height has been seen meanwhile.
    void keep(ledger::Height newest, const Key& key, Value value)
    {
        const std::lock_guard lock{mutex_};
        if (newest < height_) return;
        if (newest != height_ || values_.size() >= limit_) values_.clear();
        height_ = newest;
        values_.insert_or_assign(key, std::move(value));
    }

private:
    const std::size_t limit_;
    mutable std::mutex mutex_;
    ledger::Height height_;
    std::map<Key, Value> values_;
};

}  // namespace node
