#pragma once

#include "edge/queue/batch_records.hpp"
#include "ledger/disk/disk.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// What a queue's folder has beside its batches.
namespace edge {

/// Twenty digits, so that names sort as numbers do.
std::string batch_file_name(std::uint64_t number);    ///< NUMBER.batch
std::string damaged_file_name(std::uint64_t number);  ///< NUMBER.damaged
/// The number in such a name; empty for other names.
std::optional<std::uint64_t> batch_number(std::string_view file_name,
                                          std::string_view ending = ".batch");

/// The same of the name of the counter's file.
std::optional<std::uint64_t> counter_of(std::string_view file_name);

/// Whose queue it is: numbers of batches count within these three.
struct QueueIdentity {
    ledger::Hash network;
    ledger::Hash dataset;
    ledger::PublicKey device;
    friend bool operator==(const QueueIdentity&, const QueueIdentity&) = default;
};
/// Empty when there is none. `corrupt`, `io`.
ledger::Result<std::optional<QueueIdentity>> read_identity(ledger::Disk& disk,
                                                           const std::string& folder);
ledger::Result<void> write_identity(ledger::Disk& disk, const std::string& folder,
                                    const QueueIdentity& identity);

struct QueueCounts {
    std::uint64_t sent{};
    std::uint64_t dropped_batches{};
    std::uint64_t dropped_items{};
    std::uint64_t damaged{};   ///< files that were not as they had been written
    std::uint64_t removing{};  ///< the batch that was counted last and whose file goes away
    std::uint64_t next{};      ///< a number that no batch has had yet
    friend bool operator==(const QueueCounts&, const QueueCounts&) = default;
};
/// Zeros when there are none. `corrupt`, `io`.
ledger::Result<QueueCounts> read_counts(ledger::Disk& disk, const std::string& folder);
ledger::Result<void> write_counts(ledger::Disk& disk, const std::string& folder,
                                  const QueueCounts& counts);

/// The number of the next batch, in the name of an empty file, so that no bit of it can rot.
class BatchCounter {
public:
    /// `at_least` when nothing is there; makes the file.
    static ledger::Result<BatchCounter> open(ledger::Disk& disk, const std::string& folder,
                                             std::uint64_t at_least);
    std::uint64_t next() const { return next_; }
    /// Gives `next` and never again; that is on the disk when this returns. After an error the
    /// number is lost.
    ledger::Result<std::uint64_t> take(ledger::Disk& disk);

private:
    BatchCounter(std::string folder, std::uint64_t next, std::string name)
        : folder_{std::move(folder)}, next_{next}, name_{std::move(name)}
    {
    }
    std::string folder_;
    std::uint64_t next_;
    std::string name_;
};

/// The ids of items whose batches are gone. Every change replaces the file.
class TakenItems {
public:
    static constexpr std::size_t most = std::size_t{1} << 18;

    /// `corrupt`, `io`.
    static ledger::Result<TakenItems> open(ledger::Disk& disk, const std::string& folder);
    TakenItems() = default;

    bool contains(const ItemId& id) const { return ids_.contains(id); }
    std::size_t size() const { return ids_.size(); }
    ledger::Result<void> add(ledger::Disk& disk, const std::string& folder,
                             const std::vector<ItemId>& more);
    /// Forgets what is not in `present`.
    ledger::Result<void> keep(ledger::Disk& disk, const std::string& folder,
                              const std::set<ItemId>& present);

private:
    ledger::Result<void> replace(ledger::Disk& disk, const std::string& folder,
                                 std::set<ItemId> ids);
    std::set<ItemId> ids_;
};

}  // namespace edge
