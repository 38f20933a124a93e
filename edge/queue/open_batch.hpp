#pragma once

#include "edge/queue/batch_records.hpp"
#include "edge/queue/growing_batch.hpp"
#include "ledger/disk/disk.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace edge {

/// The batch to which items are added. Its key is here and nowhere else: a batch that is dropped
/// is closed from what its file has. One thread.
class OpenBatch {
public:
    /// Draws a key and seals it to the masters; nothing is written. `invalid` when a master is a
    /// point of small order.
    static ledger::Result<std::unique_ptr<OpenBatch>> make(
        std::uint64_t number, BatchBegin begin, const std::vector<ledger::X25519PublicKey>& masters,
        ledger::Random& random);

    /// `denied` when something of that name, or a folder, is in the batch already; an item and a
    /// folder cannot have one name.
    ledger::Result<void> check_name(std::string_view name) const;
    /// `name` was checked, also as an item's name. In memory until `sync`.
    void add(std::string_view name, ledger::ByteView bytes, std::uint64_t shares,
             const std::optional<ItemId>& id);
    /// At most so much longer becomes the file at the next sync if such an item is added too.
    std::uint64_t most_growth(std::size_t name_bytes, std::uint64_t item_bytes) const;

    /// Makes the file, `path`, with the batch's beginning. On the disk when this returns.
    ledger::Result<void> create(ledger::Disk& disk, const std::string& folder,
                                const std::string& path);
    /// Everything added is on the disk when this returns. After an error of it or of `create` the
    /// batch must be dropped.
    ledger::Result<void> sync();

    std::uint64_t number() const { return number_; }
    std::uint64_t begun_at() const { return begin_.begun_at; }
    bool is_created() const { return file_ != nullptr; }
    bool is_waiting() const { return piece_.items != synced_items_; }
    std::uint64_t waiting_bytes() const { return growing_.waiting_bytes(); }
    std::uint64_t items() const { return piece_.items; }
    std::uint64_t synced_items() const { return synced_items_; }
    std::uint64_t sealed_bytes() const { return growing_.sealed_bytes(); }
    /// Of the file as it was synced last.
    std::uint64_t file_bytes() const { return file_bytes_; }
    /// Ids of the items that are on the disk.
    const std::vector<ItemId>& synced_ids() const { return synced_ids_; }

private:
    OpenBatch(std::uint64_t number, BatchBegin begin, const ledger::SecretKey& key);

    std::uint64_t number_;
    BatchBegin begin_;
    GrowingBatch growing_;
    BatchPiece piece_;  ///< what the next sync writes
    std::set<std::string, std::less<>> names_;
    std::set<std::string, std::less<>> folders_;
    std::uint64_t added_bytes_ = 0;  ///< of text since the last sync
    std::uint64_t synced_items_ = 0;
    std::vector<ItemId> synced_ids_;
    std::unique_ptr<ledger::File> file_;
    std::uint64_t file_bytes_ = 0;
    std::uint32_t records_ = 0;
};

}  // namespace edge
