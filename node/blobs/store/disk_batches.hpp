#pragma once

#include "node/blobs/store/stored_batch.hpp"
#include "node/env/clock.hpp"

#include <condition_variable>
#include <map>
#include <set>

namespace node {

/// Batches below one folder, 256 subfolders of some files for each batch; their chunks lie there
/// too, or in another place. What is said of them is kept in memory, what they hold is not.
///
/// A place that does not answer is no reason not to open: what it holds is `unavailable` then.
/// Batches whose chunks could not be removed count until they are, which is tried again with each
/// `create`, `collect` and opening. While a place works on one batch that begins or goes, nobody
/// waits but who wants that batch, or its room.
class DiskBatches final : public BatchStore {
public:
    /// Reads what is there; sweeps away what a crash left half made or half removed. A batch whose
    /// manifest is damaged is removed. `damaged` is told of everything that was lost, here and
    /// later, from any thread. `chunks`: where those lie; null: beside the other files. `invalid`
    /// where the chunks of the batches that are there lie in another place. The referred-to must
    /// outlive this.
    static ledger::Result<std::unique_ptr<DiskBatches>> open(
        ledger::Disk& disk, std::string folder, const Clock& clock, const BatchLimits& limits,
        std::function<void(const std::string&)> damaged,
        std::unique_ptr<ChunkPlace> chunks = nullptr);

    ledger::Result<void> create(const BatchManifest&,
                                const std::optional<std::string>& holder) override;
    ledger::Result<void> put_leaves(const ledger::Hash& root, std::uint64_t first,
                                    ledger::ByteView leaves) override;
    ledger::Result<std::uint64_t> put_chunks(const ledger::Hash& root, std::uint64_t first,
                                             ledger::ByteView bytes) override;
    ledger::Result<void> sync(const ledger::Hash& root) override;
    ledger::Result<BatchManifest> manifest(const ledger::Hash& root) override;
    ledger::Result<BatchInfo> info(const ledger::Hash& root) override;
    ledger::Result<ChunkSet> have(const ledger::Hash& root) override;
    ledger::Result<ledger::Bytes> leaves(const ledger::Hash& root, const ChunkRange&) override;
    ledger::Result<ledger::Bytes> chunks(const ledger::Hash& root, const ChunkRange&) override;
    ledger::Result<void> pin(const ledger::Hash& root, const std::string& holder) override;
    ledger::Result<void> unpin(const ledger::Hash& root, const std::string& holder) override;
    ledger::Result<void> remove(const ledger::Hash& root) override;
    ledger::Result<ScrubStep> scrub(const ledger::Hash& root, std::uint64_t from,
                                    std::uint64_t most) override;
    ledger::Result<std::uint64_t> collect(std::uint64_t bytes) override;
    StoreUsage usage() override;
    std::vector<ledger::Hash> list(const std::optional<ledger::Hash>& after,
                                   std::size_t most) override;

private:
    using Batch = std::shared_ptr<StoredBatch>;
    struct Known {
        Batch batch;
        std::uint64_t counted{};  ///< of its bytes, in `total_`
        std::uint64_t used_ms{};
        std::uint64_t marked_ms{};  ///< what the disk says of `used_ms`
        std::vector<std::string> holders;
        bool is_open = false;
    };

    /// A batch that was removed, and is not known any more.
    struct LeftOver {
        std::uint64_t bytes{};  ///< that its chunks still take
        Batch batch;            ///< null after a start
        bool is_empty = false;  ///< only what comes late can still be there
        Clock::Steady until{};  ///< then nothing comes any more
    };
    /// Held, or for a while not, by who was given it.
    using Names = std::unique_lock<std::mutex>;

    DiskBatches(ledger::Disk& disk, std::string folder, const Clock& clock,
                const BatchLimits& limits, std::function<void(const std::string&)> damaged,
                std::unique_ptr<ChunkPlace> chunks)
        : disk_{disk},
          chunks_{std::move(chunks)},
          folder_{std::move(folder)},
          clock_{clock},
          limits_{limits},
          damaged_{std::move(damaged)}
    {
    }

    ledger::Result<void> read_folder(const std::string& folder);
    ledger::Result<void> check_place();
    StoredBatch::Place place_of(const ledger::Hash& root) const;
    ledger::Result<Batch> find(const ledger::Hash& root);
    void count(const ledger::Hash& root);
    /// Room for so many bytes more, kept until the object goes. For a held batch others may go.
    class Room;
    ledger::Result<void> make_room(Names& names, std::uint64_t bytes, bool may_collect);
    ledger::Result<void> change_holders(const ledger::Hash& root, std::vector<std::string> holders);
    /// What to say where the batch is there already.
    std::optional<ledger::Result<void>> join(const BatchManifest& manifest,
                                             const std::optional<std::string>& holder);
    ledger::Result<void> clear_way(Names& names, const BatchManifest& manifest,
                                   const std::optional<std::string>& holder);
    ledger::Result<void> begin(Names& names, const BatchManifest& manifest,
                               const std::optional<std::string>& holder);
    ledger::Result<void> detach(const ledger::Hash& root);
    ledger::Result<void> erase(Names& names, const ledger::Hash& root);
    ledger::Result<void> sweep(Names& names, const ledger::Hash& root);
    ledger::Result<void> sweep_all(Names& names, bool with_empty);
    bool wait_for(Names& names, const ledger::Hash& root);
    void set_free(const ledger::Hash& root);
    void expect_late(const ledger::Hash& root);
    std::optional<ledger::Hash> longest_unused() const;
    void close_others(const ledger::Hash& root);

    ledger::Disk& disk_;
    const std::unique_ptr<ChunkPlace> chunks_;
    const std::string folder_;
    const Clock& clock_;
    const BatchLimits limits_;
    const std::function<void(const std::string&)> damaged_;
    /// Batches come and go, and are held, one at a time; taken first, and let go of while a place
    /// works.
    std::mutex names_mutex_;
    std::condition_variable freed_;  ///< of `names_mutex_`: `busy_` has become smaller
    std::mutex mutex_;               ///< of the rest; never held during work on the disk
    std::map<ledger::Hash, Known> known_;
    std::map<ledger::Hash, LeftOver> left_over_;
    std::set<ledger::Hash> busy_;  ///< that begin or go, without `names_mutex_`
    std::size_t beginning_ = 0;    ///< of those
    std::uint64_t total_ = 0;      ///< with what is left over
    std::uint64_t reserved_ = 0;
    std::size_t open_ = 0;
};

}  // namespace node
