#pragma once

#include "ledger/disk/disk.hpp"
#include "node/blobs/store/batch_records.hpp"

#include <map>
#include <mutex>
#include <set>

/// Which generation of each object of a batch counts. Each write of an object is a generation of
/// its own, with a random number and so with a key that no other write has: what a store carries
/// out long after it was given up touches nothing that counts.
///
/// In NAME.objects beside the other files of the batch, integers big-endian, sum CRC-32C; what was
/// never written is zeros, or behind the end:
///
///   sector   u64 generations of 63 objects | zeros to byte 508 | u32 sum
namespace node {

inline constexpr std::uint64_t sector_objects = 63;

/// One sector: the generations of the objects from `first` on, which are there.
ledger::Bytes encode_generations(const std::vector<std::uint64_t>& all, std::uint64_t first);
/// Sets what the sector says; `corrupt` when its sum is wrong.
ledger::Result<void> decode_generations(ledger::ByteView sector, std::uint64_t first,
                                        std::vector<std::uint64_t>& all);

/// Of one batch. Any thread.
class ObjectGenerations {
public:
    /// An object's number, and one of its generations.
    struct Name {
        std::uint64_t number{};
        std::uint64_t generation{};
        auto operator<=>(const Name&) const = default;
    };

    /// What the file says, which need not be there. An object of a sector that is damaged counts
    /// as one of no generation. `disk` must outlive this.
    static ledger::Result<std::unique_ptr<ObjectGenerations>> open(ledger::Disk& disk,
                                                                   std::string folder,
                                                                   std::string path,
                                                                   std::uint64_t objects);

    /// 0: there is none, but perhaps an object without a generation in its key.
    std::uint64_t current(std::uint64_t number) const;
    /// A generation for one write of this object.
    Name begin(std::uint64_t number);
    /// After that write: where it was done the generation counts from now on, and survives a loss
    /// of power after the next `sync`.
    void end(const Name& name, bool is_done);
    [[nodiscard]] ledger::Result<void> sync();

    /// Those that counted before, and do not any more even after a loss of power; each is told
    /// once, at most `most` at a time.
    std::vector<Name> take_superseded(std::size_t most);
    /// Whether this object may count, now, after its write, or after a loss of power; any may of an
    /// object of which the file does not say which one does.
    bool is_used(const Name& name) const;

private:
    ObjectGenerations(ledger::Disk& disk, std::string folder, std::string path,
                      std::uint64_t objects)
        : disk_{disk}, folder_{std::move(folder)}, path_{std::move(path)}, current_(objects)
    {
    }
    ledger::Result<void> read();

    ledger::Disk& disk_;
    const std::string folder_;
    const std::string path_;
    mutable std::mutex mutex_;
    std::mutex file_mutex_;  ///< of the file; taken first
    std::unique_ptr<ledger::File> file_;
    std::vector<std::uint64_t> current_;
    std::set<Name> under_way_;
    std::set<std::uint64_t> changed_;  ///< sectors that the file does not have yet
    std::set<Name> until_sync_;        ///< superseded, but for the file
    std::set<Name> superseded_;
};

}  // namespace node
