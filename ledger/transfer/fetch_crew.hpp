#pragma once

#include "ledger/transfer/provider.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>

namespace ledger::transfer {

/// Carries what a Fetcher asks for: one thread for each ask that may be under way, each asking,
/// checking and keeping; so many MiB at most are in memory. The only threads in `ledger`.
class FetchCrew {
public:
    struct Provider {
        std::string url;
        WebGet get;
    };
    struct Parts {
        sealing::BatchSummary batch;
        std::vector<Provider> providers;
        BatchSink& sink;
        ChunkSet have;
        bool has_table = false;
        FetchLimits limits = {};
        std::function<Instant()> now;
        /// Told the chunks that are kept, from any thread, one call at a time.
        std::function<void(const ChunkSet&)> progress = {};
        std::uint64_t sync_bytes = std::uint64_t{16} << 20;  ///< kept between two syncs
        std::uint64_t sync_ms = 1'000;                       ///< or so much time, if that is less
    };

    explicit FetchCrew(Parts parts);

    /// Blocks until the batch is whole and on the disk, cannot be had, or was stopped. What was
    /// kept stays. Errors: the sink's; `unavailable` when the providers do not suffice, or it was
    /// stopped.
    Result<void> run(const std::stop_token& stop);

    struct Told {
        std::uint64_t bytes{};  ///< of chunks, fetched now
        struct One {
            std::string url;
            std::uint64_t bytes{};
            std::optional<ProviderFault> dropped;
        };
        std::vector<One> providers;
    };
    /// How it goes. Any thread.
    Told told() const;

private:
    struct Lane {
        std::deque<Ask> asks;
    };

    void work(std::size_t provider);
    void carry(const Ask& ask, std::unique_lock<std::mutex>& lock);
    Fetcher::Actions settle(const Ask& ask, Result<Delivery, ProviderFault> delivery,
                            std::unique_lock<std::mutex>& lock);
    Result<std::optional<bool>> keep_leaves(const Ask& ask, ByteView leaves);
    Result<void> sync_if_due(std::uint64_t more);
    void follow(Fetcher::Actions actions);
    void fail(const Error& error);
    bool is_over() const;

    Parts parts_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Fetcher fetcher_;
    std::vector<Lane> lanes_;
    std::map<std::uint64_t, std::stop_source> under_way_;
    std::optional<Instant> wake_;
    std::optional<Error> failed_;
    bool stopped_ = false;
    std::uint64_t unsynced_ = 0;
    Instant synced_at_ = 0;
};

}  // namespace ledger::transfer
