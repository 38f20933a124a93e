#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ledger {

struct JournalWrite {
    std::string table;  ///< 1 to 255 bytes
    Bytes key;
    std::optional<Bytes> value;  ///< nullopt erases
};

/// The entries of a table whose key begins with `prefix`, or those of them from `from` on. Refers
/// to what it was given.
struct JournalRange {
    std::string_view table;
    ByteView prefix;
    ByteView from = {};  ///< no shorter than the prefix it begins with; empty: from the first
};

/// Becomes durable as a whole or not at all; later writes win over earlier ones.
using JournalBatch = std::vector<JournalWrite>;

/// What the node must not forget and the chain does not know: vouchers, receipts, answers. Tables
/// of byte strings under byte strings.
///
/// Errors: `io`, `full`, `corrupt`. After a failed commit every later one fails with its error.
/// Threads: `commit` by one at a time, the rest by any. Prefer a GroupCommitter to calling commit.
class Journal {
public:
    /// Told one entry; false ends the scan. The views last for the call only.
    using Visit = std::function<bool(ByteView key, ByteView value)>;

    virtual ~Journal() = default;

    /// All batches, in order, with one sync; visible and durable when it returns success.
    [[nodiscard]] virtual Result<void> commit(std::span<const JournalBatch> batches) = 0;
    virtual Result<std::optional<Bytes>> get(std::string_view table, ByteView key) const = 0;
    /// Ascending bytewise, as of one moment. Reads nothing before the first entry it tells.
    virtual Result<void> scan(const JournalRange& range, const Visit& visit) const = 0;
};

/// Forgets when destroyed; for tests and simulations.
std::unique_ptr<Journal> make_memory_journal();

struct JournalStart {
    /// There was a journal in the folder before: where its database or its log is missing, that is
    /// `corrupt` and no beginning.
    bool was_made = false;
    /// Goes on with what the database has where the log is missing: what only the log had is lost.
    bool begin_log_anew = false;
    /// Told how many bytes behind the log's last record were cut off, where there were any.
    std::function<void(std::size_t bytes)> on_cut = {};
};

/// Opens or creates a journal of its own RocksDB in `folder`.
Result<std::unique_ptr<Journal>> open_rocks_journal(const std::filesystem::path& folder,
                                                    const JournalStart& start = {});

struct CheckedJournal {
    std::unique_ptr<Journal> journal;              ///< as it lies, log included; takes no commits
    std::map<std::string, std::uint64_t> entries;  ///< of every table
    std::uint64_t log_records = 0;
    /// Behind the log's last record: the next start cuts them off. A killed node leaves such.
    std::size_t torn_bytes = 0;
};

/// Checks the sums of every file of the journal in `folder` and reads every entry, changing
/// nothing. `not_found` when there is no such folder, `denied` while somebody has it open,
/// `corrupt`, naming the file, for what is damaged or missing. Without its log: what its database
/// has by itself.
Result<CheckedJournal> check_rocks_journal(const std::filesystem::path& folder,
                                           bool with_log = true);

}  // namespace ledger
