#pragma once

#include "ledger/base/result.hpp"

#include <filesystem>
#include <memory>

namespace ledger {

/// Holds `<folder>/lock` for this process: two nodes on one data folder would sign twice with one
/// key. The kernel lets go when the process ends, however it ends; the file stays.
class FolderLock {
public:
    /// Makes the folder when it is missing. `denied`, naming the holder's process id, when
    /// another process (or another lock in this one) has it.
    static Result<std::unique_ptr<FolderLock>> take(const std::filesystem::path& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    explicit FolderLock(int descriptor) : descriptor_{descriptor} {}
    int descriptor_;
};

}  // namespace ledger
