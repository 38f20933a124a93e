#pragma once

#include "ledger/base/result.hpp"

#include <filesystem>

namespace wallet {

/// A folder that appears under its name, mode 0700, when everything in it is written; dropped
/// before `commit`, it is removed with all it holds. One thread.
/// Errors: `denied` where something has its name already, `io`.
class NewFolder {
public:
    static ledger::Result<NewFolder> create(std::filesystem::path path);
    NewFolder(NewFolder&&) noexcept;
    NewFolder& operator=(NewFolder&&) = delete;
    ~NewFolder();

    /// Where to write meanwhile.
    const std::filesystem::path& path() const { return temporary_; }
    /// On the disk with all it holds, and under its name, when this returns.
    ledger::Result<void> commit();

private:
    NewFolder(std::filesystem::path path, std::filesystem::path temporary)
        : path_{std::move(path)}, temporary_{std::move(temporary)}
    {
    }

    std::filesystem::path path_;
    std::filesystem::path temporary_;  ///< empty once it has its name
};

}  // namespace wallet
