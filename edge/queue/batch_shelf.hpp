#pragma once

#include "edge/queue/batch_image.hpp"
#include "edge/queue/queue_files.hpp"
#include "edge/queue/signed_batch.hpp"
#include "ledger/crypto/secp256k1_keys.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace edge {

/// A batch that nothing is added to any more.
struct ShelvedBatch {
    std::uint64_t number{};
    std::uint64_t items{};
    std::uint64_t shares{};
    std::uint64_t sealed_bytes{};
    std::uint64_t begun_at{};  ///< seconds since the Unix epoch
    std::uint64_t file_bytes{};
    /// Empty until what its file has was read, made durable and signed.
    std::optional<BatchClose> close;
    bool is_damaged = false;  ///< something that had been written behind what it has is lost
    std::vector<ItemId> ids;
    std::optional<std::uint64_t> trusted_end;  ///< what stands behind it may not be on the disk
    /// Each reader of the batch has a copy, in whatever thread.
    std::shared_ptr<const char> reading = std::make_shared<const char>();
};

/// The batches of a queue that wait to be sent. One thread; `disk` and `device` must outlive it.
/// Errors are those of the disk; after one, the same call may be tried again.
class BatchShelf {
public:
    /// Finds the batches of `folder`, and what was counted of those that are gone. A batch that was
    /// not closed is, from what its file has; files that are no batches are set aside.
    static ledger::Result<BatchShelf> open(ledger::Disk& disk, const std::string& folder,
                                           const ledger::SecretKey& device);

    /// Takes the file of a batch over from who wrote it up to `trusted_end`, with these items.
    void take_over(std::uint64_t number, std::uint64_t trusted_end, const std::vector<ItemId>& ids);
    /// Closes what is not closed.
    ledger::Result<void> settle();

    const std::map<std::uint64_t, ShelvedBatch>& batches() const { return batches_; }
    /// Null when there is no closed batch of this number.
    const ShelvedBatch* find(std::uint64_t number) const;

    enum class Why { sent, dropped };
    /// Counts it and removes its file; its items are remembered.
    ledger::Result<void> remove(std::uint64_t number, Why why);
    /// Counts it as damaged and keeps its file as NUMBER.damaged, for people to look at.
    ledger::Result<void> set_aside(std::uint64_t number);
    /// Makes room: false when no file was set aside.
    ledger::Result<bool> drop_oldest_damaged();
    /// The number of the oldest closed batch that nobody reads.
    std::optional<std::uint64_t> oldest_unread() const;

    /// Of all files of batches here, those set aside too.
    std::uint64_t file_bytes() const;
    bool knows(const ItemId& id) const { return taken_.contains(id) || shelved_.contains(id); }
    std::size_t known_items() const { return taken_.size() + shelved_.size(); }
    ledger::Result<void> forget_all_but(const std::set<ItemId>& present);
    const QueueCounts& counts() const { return counts_; }
    /// Above every number that a batch here had.
    std::uint64_t numbers_end() const;

private:
    BatchShelf(ledger::Disk& disk, std::string folder, const ledger::SecretKey& device)
        : disk_{&disk}, folder_{std::move(folder)}, device_{&device}
    {
    }

    ledger::Result<void> load_small_files();
    ledger::Result<void> find_batches();
    std::string path(const std::string& name) const { return folder_ + "/" + name; }
    ledger::Result<void> close(ShelvedBatch& batch);
    ledger::Result<void> make_durable(ledger::File& file, const BatchImage& image);
    ledger::Result<void> count(const QueueCounts& counts);
    ledger::Result<void> drop_file(std::uint64_t number);
    void forget(std::map<std::uint64_t, ShelvedBatch>::iterator batch);

    ledger::Disk* disk_;
    std::string folder_;
    const ledger::SecretKey* device_;
    std::map<std::uint64_t, ShelvedBatch> batches_;
    std::map<std::uint64_t, std::uint64_t> damaged_;  ///< numbers and bytes of files set aside
    std::set<ItemId> shelved_;                        ///< ids of the items in `batches_`
    TakenItems taken_;
    QueueCounts counts_;
};

}  // namespace edge
