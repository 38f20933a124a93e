#pragma once

#include "ledger/disk/disk.hpp"
#include "node/blobs/store/batch_records.hpp"
#include "node/blobs/store/chunk_place.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

namespace node {

/// The files of one batch: NAME.batch (its manifest), NAME.marks (who holds it, which chunks are
/// there), NAME.leaves; and its chunks, wherever their place is. A chunk is written and synced
/// before its mark is, and whatever is read is hashed again, so that no crash and no damage makes a
/// chunk of something else.
///
/// Any thread: chunks are written and read side by side, the rest is done one at a time. Errors as
/// those of BatchStore. After a sync that failed nothing more is written until the files are opened
/// again by the next process: nobody knows what is on the disk.
class StoredBatch {
public:
    /// Where the files are, and who is told of damage.
    struct Place {
        ledger::Disk& disk;
        ChunkPlace& chunks;
        std::string folder;
        std::string name;
        std::function<void(const std::string&)> damaged;

        std::string file(std::string_view ending) const
        {
            return folder + "/" + name + std::string{ending};
        }
        ChunkPlace::Of of() const { return {folder, name}; }
    };

    static ledger::Result<std::shared_ptr<StoredBatch>> create(Place, const BatchManifest&,
                                                               const BatchMark&);
    /// What is there. `corrupt` when the manifest is no longer one.
    static ledger::Result<std::shared_ptr<StoredBatch>> load(Place);
    /// Removes whatever there is of a batch. Where the chunks cannot be removed now, files without
    /// a manifest stay behind and tell of them; where some may come late, NAME.gone does, until
    /// `forget_gone`.
    static ledger::Result<void> erase_files(const Place&);
    static ledger::Result<void> forget_gone(const Place&);

    const BatchSummary& summary() const { return summary_; }
    std::uint64_t leaves() const { return leaves_; }
    std::uint64_t present() const { return present_; }
    /// In its place or on the way to it.
    std::uint64_t stored_bytes() const;
    /// What so many bytes of chunks from `first` on may take more than that, at most.
    std::uint64_t room_for(std::uint64_t first, std::uint64_t bytes);
    /// What a batch takes before there is anything of it.
    static std::uint64_t empty_bytes(const BatchManifest&);
    BatchMark mark() const;

    ledger::Result<BatchManifest> manifest();
    ledger::Result<void> put_leaves(std::uint64_t first, ledger::ByteView leaves);
    ledger::Result<std::uint64_t> put_chunks(std::uint64_t first, ledger::ByteView bytes);
    ledger::Result<void> sync();
    ledger::Result<ChunkSet> have();
    ledger::Result<ledger::Bytes> read_leaves(const ChunkRange&);
    ledger::Result<ledger::Bytes> read_chunks(const ChunkRange&);
    ledger::Result<ScrubStep> scrub(std::uint64_t from, std::uint64_t most);
    ledger::Result<void> set_mark(std::vector<std::string> holders, std::uint64_t used_ms);

    /// Everything is `not_found` from now on, and after a crash there is no batch any more: what
    /// is left of it is removed then.
    ledger::Result<void> retire();
    /// The same, and removes the files and the chunks once nothing is being written.
    ledger::Result<void> erase();
    /// Lets go of files and bits that can be opened again, and of a table that is not whole yet,
    /// unless it is in use or has chunks to sync: then false.
    bool close_if_idle();

private:
    struct Opened {
        std::unique_ptr<ledger::File> marks, leaves;
        std::shared_ptr<ChunkBytes> chunks;
        ChunkSet have;
    };
    /// A leaf table under way.
    struct Coming {
        std::unique_ptr<ledger::File> file;
        ledger::transfer::TableCheck check;
    };

    static ledger::Result<void> erase_manifest(const Place&);

    StoredBatch(Place place, const BatchSummary& summary, std::uint64_t manifest_bytes)
        : place_{std::move(place)}, summary_{summary}, manifest_bytes_{manifest_bytes}
    {
    }

    ledger::Result<Opened*> open();
    ledger::Result<Opened*> open_with_table();
    ledger::Result<void> read_marks(ledger::File&, ChunkSet& have);
    ledger::Result<void> finish_table();
    ledger::Result<ledger::Bytes> leaves_of(Opened&, const ChunkRange&) const;
    ledger::Result<bool> table_holds(Opened&) const;
    /// Chunks that are said to be there, with what they have to be.
    struct Wanted {
        ChunkRange range;
        std::shared_ptr<ChunkBytes> chunks;
        ledger::Bytes leaves;
    };
    ledger::Result<Wanted> wanted(Opened&, const ChunkRange&) const;
    /// Their bytes; `good` of them, from the first, are the right ones.
    ledger::Result<ledger::Bytes> read_checked(const Wanted&, std::uint64_t& good) const;
    ledger::Result<void> look_at(const Wanted&, ScrubStep&) const;
    /// Of one that was read as damaged without the lock: it may have been put again since.
    ledger::Result<bool> is_damaged(Opened&, std::uint64_t index) const;
    void tidy(std::unique_lock<std::mutex>&, const ChunkRange&);
    ledger::Result<void> forget_table(Opened&);
    ledger::Result<void> forget_chunk(Opened&, std::uint64_t index);
    ledger::Result<void> write_page(Opened&, std::uint64_t page);
    ledger::Result<void> check_writable() const;
    ledger::Result<void> remember(ledger::Result<void> done);

    const Place place_;
    const BatchSummary summary_;
    const std::uint64_t manifest_bytes_;  ///< on the disk
    mutable std::mutex mutex_;            ///< never held while chunks are written or read
    std::condition_variable written_;
    std::size_t writing_ = 0;  ///< or removing what is left over, outside of the lock
    BatchMark mark_;
    std::optional<Opened> opened_;
    std::optional<Coming> coming_;
    std::vector<ChunkRange> unsynced_;
    std::optional<ledger::Error> broken_;
    bool is_gone_ = false;
    std::atomic<std::uint64_t> leaves_ = 0, present_ = 0, chunk_bytes_ = 0;
};

}  // namespace node
