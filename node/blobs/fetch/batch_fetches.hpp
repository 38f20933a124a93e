#pragma once

#include "ledger/transfer/batch_status.hpp"
#include "ledger/transfer/fetch_crew.hpp"
#include "node/blobs/batch_counts.hpp"
#include "node/blobs/store/batch_store.hpp"
#include "node/blobs/wanted_roots.hpp"
#include "node/env/clock.hpp"

#include <list>
#include <map>
#include <mutex>
#include <thread>

namespace node {

/// Which addresses a client may connect to, whatever the name of a provider resolves to.
enum class Reach { anywhere, public_alone };

/// What somebody wants fetched, and from whom. The numbers are those of the batch, where an
/// operator knows them: 0 and zero believe the first provider whose manifest has this root.
struct FetchOrder {
    std::vector<std::string> providers;  ///< http://HOST:PORT or https://…
    ledger::PublicKey point;
    std::uint64_t chunks{};
    std::uint64_t bytes{};

    // What no operator says.
    std::string holder = operator_holder;  ///< by whose name it is held
    std::uint64_t most_bytes = ~std::uint64_t{0};
    Reach reach = Reach::anywhere;
};
MILLRACE_DESCRIBE(FetchOrder, (providers, point, chunks, bytes))

struct FetchServiceLimits {
    std::size_t running = 4;
    std::size_t providers = 16;
    std::size_t remembered = 256;        ///< that are over
    std::uint64_t bytes_per_second = 0;  ///< of one fetch; 0: as fast as it comes
};

/// Fetches batches from other nodes into the store, each on threads of its own. Any thread.
class BatchFetches {
public:
    using OpenGet =
        std::function<ledger::Result<ledger::transfer::WebGet>(const std::string& url, Reach)>;

    /// The referred-to must outlive this. `open` makes a client of a provider's address.
    BatchFetches(BatchStore& store, const Clock& clock, BatchCounts& counts, OpenGet open,
                 const FetchServiceLimits& limits);
    /// As stop().
    ~BatchFetches();

    /// `invalid` for addresses that are none, `full` while too many run, `unavailable` while this
    /// one does or after stop(). What it comes to is told by `status`.
    ledger::Result<void> start(const ledger::Hash& root, FetchOrder order);
    /// Starts the last order for this batch once more, where there was one: for chunks that were
    /// lost.
    void start_again(const ledger::Hash& root);
    std::optional<ledger::transfer::FetchStatus> status(const ledger::Hash& root) const;
    std::size_t running() const;
    /// Ends all of them; what they have fetched stays.
    void stop();

private:
    struct Fetch {
        FetchOrder order;
        std::string state = "running", error;
        ledger::transfer::FetchCrew* crew = nullptr;  ///< while it runs
        ledger::transfer::FetchCrew::Told told;       ///< when it ended
        std::uint64_t number{};
        std::jthread thread;
    };

    void run(const ledger::Hash& root, const FetchOrder& order, const std::stop_token& stop);
    ledger::Result<void> fetch(const ledger::Hash& root, const FetchOrder& order,
                               const std::stop_token& stop);
    void forget_oldest();

    BatchStore& store_;
    const Clock& clock_;
    BatchCounts& counts_;
    const OpenGet open_;
    const FetchServiceLimits limits_;
    mutable std::mutex mutex_;
    std::map<ledger::Hash, Fetch> fetches_;
    std::vector<std::jthread> ended_;  ///< to be joined without the lock
    std::uint64_t next_number_ = 1;
    bool stopped_ = false;
};

/// Over connections of node/upstream.
ledger::Result<ledger::transfer::WebGet> open_provider(const std::string& url, Reach reach);

}  // namespace node
