#pragma once

#include "edge/queue/batch_shelf.hpp"
#include "edge/queue/open_batch.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace edge {

inline constexpr std::uint64_t most_item_bytes = std::uint64_t{64} << 20;
inline constexpr std::uint64_t least_budget_bytes = 64 * 1024;

enum class WhenFull : std::uint8_t { refuse, drop_oldest };

struct QueueOptions {
    ledger::Hash network;  ///< id of its genesis block
    ledger::Hash dataset;
    std::vector<ledger::X25519PublicKey> masters;  ///< 1 to 16, all different
    ledger::Hash schema;                           ///< zero for none
    ledger::Hash meta;                             ///< zero for none
    SharesRule shares = SharesRule::bytes;
    std::uint64_t budget_bytes = std::uint64_t{64} << 20;  ///< of the batches' files together
    std::uint64_t cut_bytes = std::uint64_t{1} << 20;      ///< a batch this long is closed
    std::uint64_t cut_seconds = 3600;                      ///< and one this old
    WhenFull when_full = WhenFull::refuse;
    std::uint64_t first_batch = 1;  ///< of a new queue
};

struct QueueStats {
    std::uint64_t batches{};      ///< closed and not sent
    std::uint64_t batch_bytes{};  ///< of ciphertext in them
    std::uint64_t batch_items{};
    std::uint64_t open_items{};       ///< on the disk, in the batch that is not closed
    std::uint64_t waiting_items{};    ///< in memory until the next sync
    std::uint64_t file_bytes{};       ///< what counts against the budget
    std::uint64_t oldest_begun_at{};  ///< seconds since the Unix epoch; 0 for none
    std::uint64_t next_batch{};
    QueueCounts counts;
};

/// A closed batch, open for reading, also in another thread than the queue's. While it is there the
/// queue does not drop it to make room.
struct StoredBatch {
    BatchImage image;
    std::unique_ptr<ledger::File> file;
    ledger::sealing::Contribution contribution;
    ledger::Signature signature;
    std::shared_ptr<const char> reading;
};

/// What a device has recorded and not sent: sealed as it is added, on the disk when `sync`
/// returns, and readable by the masters alone. After a crash everything synced is in a batch, once;
/// a batch that was not closed is closed from what its file has, since its key is gone.
///
/// Errors are those of the disk, with `full` also for the budget; after one of `sync` or `cut`
/// nothing that was added since the last sync is in the queue, and adding may go on. Where `add` or
/// `add_row` had to sync and that failed, the next `sync` or `cut` tells of it once more: no sync
/// succeeds over what was lost.
/// One thread.
class Queue {
public:
    using Clock = std::function<std::uint64_t()>;  ///< seconds since the Unix epoch

    /// Opens or makes the queue in `folder`, which must be there and be locked by the caller.
    /// `invalid` for options that make no sense; `denied` when it is the queue of another network,
    /// dataset or device. `disk`, `device` and `random` must outlive it.
    static ledger::Result<std::unique_ptr<Queue>> open(ledger::Disk& disk,
                                                       const std::string& folder,
                                                       const ledger::SecretKey& device,
                                                       QueueOptions options, ledger::Random& random,
                                                       Clock clock);
    /// The same for who only sends: nothing can be added, and the network and dataset are those
    /// that the queue was made for. `not_found` when there is no queue.
    static ledger::Result<std::unique_ptr<Queue>> open_to_send(ledger::Disk& disk,
                                                               const std::string& folder,
                                                               const ledger::SecretKey& device,
                                                               ledger::Random& random, Clock clock);

    ~Queue();
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;

    enum class Added {
        added,
        known,  ///< an item with this id was taken before
    };
    /// Takes an item into the unfinished batch; in memory until `sync`, which it calls itself when
    /// much is waiting. `invalid` for a name that is none or one below rows/, `denied` when the
    /// batch has that name already, `full` when the budget does not allow it.
    ledger::Result<Added> add(std::string_view name, ledger::ByteView bytes,
                              const std::optional<ItemId>& id);
    /// Whether an item with this id was taken, or waits.
    bool knows(const ItemId& id) const { return shelf_.knows(id) || open_ids_.contains(id); }
    /// Takes one row. Rows between two syncs become items rows/NNNNNN, a line each.
    ledger::Result<void> add_row(ledger::ByteView row);
    /// Everything added is on the disk when this returns. Closes the batch when it is due.
    ledger::Result<void> sync();
    /// Closes the unfinished batch, however small, and what could not be closed before. An error
    /// after everything was synced loses nothing.
    ledger::Result<void> cut();
    /// Whether the unfinished batch is long or old enough to be closed.
    bool is_due() const;

    /// The closed batch that was begun first after number `after`; empty when there is none.
    std::optional<std::uint64_t> next_unsent(std::uint64_t after) const;
    /// `not_found` when there is no such closed batch.
    ledger::Result<StoredBatch> read(std::uint64_t number) const;
    /// Somebody else has it now: it is removed. `not_found` as above.
    ledger::Result<void> mark_sent(std::uint64_t number);
    /// Its bytes are not what was written.
    ledger::Result<void> set_aside(std::uint64_t number);

    /// Forgets the ids of sent items that are not in `present`.
    ledger::Result<void> forget_all_but(const std::set<ItemId>& present)
    {
        return shelf_.forget_all_but(present);
    }
    QueueStats stats() const;

private:
    Queue(ledger::Disk& disk, std::string folder, QueueOptions options, ledger::Random& random,
          Clock clock, BatchShelf shelf, BatchCounter counter);
    static ledger::Result<std::unique_ptr<Queue>> open_checked(ledger::Disk& disk,
                                                               const std::string& folder,
                                                               const ledger::SecretKey& device,
                                                               QueueOptions options,
                                                               ledger::Random& random, Clock clock);

    ledger::Result<void> begin_if_none();
    ledger::Result<void> make_room(std::size_t name_bytes, std::uint64_t bytes);
    ledger::Result<void> sync_open();
    ledger::Result<void> sync_now();
    ledger::Result<void> cut_now();
    /// Remembers a loss that whoever adds may take for no room.
    ledger::Result<void> remember(ledger::Result<void> done);
    ledger::Result<void> tell_loss();
    void flush_rows();
    /// Leaves what was synced of the unfinished batch to the shelf, and its key to nobody.
    void let_go();

    ledger::Disk* disk_;
    std::string folder_;
    QueueOptions options_;
    ledger::Random* random_;
    Clock clock_;
    BatchShelf shelf_;
    BatchCounter counter_;
    std::unique_ptr<OpenBatch> open_;
    std::optional<ledger::Error> lost_;  ///< why, until somebody was told
    std::set<ItemId> open_ids_;          ///< of all its items
    ledger::Bytes rows_;                 ///< that are not an item yet
    std::uint64_t row_count_ = 0;
    std::uint64_t row_items_ = 0;  ///< in the open batch
};

}  // namespace edge
