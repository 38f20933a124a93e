#pragma once

#include <rocksdb/listener.h>

#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>

namespace ledger {

/// Knows how much of a log a database without one of its own has put into its files. Any thread.
class RocksFlushes final : public rocksdb::EventListener {
public:
    /// Record `seq` of the log is in the database, whose newest change is then `change`.
    void wrote(std::uint64_t change, std::uint64_t seq)
    {
        const std::lock_guard lock{mutex_};
        marks_.emplace_back(change, seq);
    }

    /// Every record up to this one is in synced files; 0 before the first flush.
    std::uint64_t flushed() const
    {
        const std::lock_guard lock{mutex_};
        return flushed_;
    }

    void OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo& info) override
    {
        const std::lock_guard lock{mutex_};
        while (!marks_.empty() && marks_.front().first <= info.largest_seqno) {
            flushed_ = marks_.front().second;
            marks_.pop_front();
        }
    }

private:
    mutable std::mutex mutex_;
    std::deque<std::pair<std::uint64_t, std::uint64_t>> marks_;  ///< change, record; ascending
    std::uint64_t flushed_ = 0;
};

}  // namespace ledger
