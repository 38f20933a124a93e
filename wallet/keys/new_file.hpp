#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"

#include <filesystem>
#include <string>

namespace wallet {

/// A file that is not there yet, written under another name in the same folder: after a crash it
/// is there whole or not at all. Dropped before `commit`, it leaves nothing. One thread.
/// Errors: `denied` where something has its name already, `full` when the disk is, `io`.
class NewFile {
public:
    static ledger::Result<NewFile> create(std::filesystem::path path);
    NewFile(NewFile&&) noexcept;
    NewFile& operator=(NewFile&&) = delete;
    ~NewFile();

    ledger::Result<void> write(ledger::ByteView more);
    /// On the disk and under its name when this returns: for the owner alone (mode 0600), or for
    /// everybody to read (0644).
    ledger::Result<void> commit(bool is_private = true);
    /// Under its name, mode 0600: for a file of a folder that is synced as a whole.
    ledger::Result<void> commit_unsynced();

private:
    NewFile(std::filesystem::path path, std::string temporary, int descriptor)
        : path_{std::move(path)}, temporary_{std::move(temporary)}, descriptor_{descriptor}
    {
    }

    std::filesystem::path path_;
    std::string temporary_;  ///< empty once it has its name
    int descriptor_;
};

/// What the last system call said about `path`.
ledger::Error file_error(const std::string& what, const std::filesystem::path& path);

}  // namespace wallet
