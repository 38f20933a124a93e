#pragma once

#include "ledger/disk/disk.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ledger {

/// A disk in memory that fails as real ones do. What was written is readable at once, but only
/// what was synced survives `crash`; of the rest, whatever the test chooses. The same for names
/// and `sync_folder`. One thread; open files die in a crash.
class SimDisk final : public Disk {
public:
    enum class Step { write, sync, names };  ///< names: open fresh, rename, remove, sync_folder

    /// What becomes of the n-th step from now (0 is the next), counting those of `only` or all.
    struct Fault {
        std::uint64_t after = 0;
        std::optional<Step> only = std::nullopt;
        ErrorKind kind = ErrorKind::io;
        /// Of a write that fails, this many bytes are done.
        std::size_t partial_bytes = 0;
        /// The machine is gone: this step and all later ones fail, until `crash`.
        bool fatal = false;
    };
    void fail(const Fault& fault) { fault_ = fault; }
    /// Steps taken since the start; run once without faults to learn how many there are.
    std::uint64_t steps() const { return steps_; }

    /// Loses power. `keep` is asked for each unsynced sector (512 bytes) of each file, in the
    /// order written, whether it reached the disk; names that were not synced are lost when
    /// `keep_names` is false.
    void crash(const std::function<bool()>& keep, bool keep_names);

    /// Flips bits of what is on disk, synced or not.
    void flip(const std::string& path, std::uint64_t offset, std::uint8_t mask);
    Bytes contents(const std::string& path) const;
    void put(const std::string& path, Bytes contents);

    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
    Result<void> rename(const std::string& from, const std::string& to) override;
    Result<void> remove(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& folder) override;
    Result<void> make_folder(const std::string& folder) override;
    Result<void> sync_folder(const std::string& folder) override;

private:
    friend class SimFile;
    /// A write that is not synced: one sector's worth at most.
    struct Pending {
        std::uint64_t offset;
        Bytes bytes;
    };
    struct Inode {
        Bytes cached;   ///< what a read sees
        Bytes durable;  ///< what survives
        std::vector<Pending> pending;
        std::size_t cut = SIZE_MAX;  ///< to which it was truncated since the last sync
    };
    using Names = std::map<std::string, std::shared_ptr<Inode>>;

    /// The error this step meets, if any.
    std::optional<Fault> step(Step kind);

    Names names_;
    Names durable_names_;
    std::optional<Fault> fault_;
    bool dead_ = false;
    std::uint64_t steps_ = 0;
    std::uint64_t life_ = 0;  ///< crashes so far; files opened before are of no use
};

}  // namespace ledger
