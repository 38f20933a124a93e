#pragma once

#include "ledger/base/result.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

/// Files and folders that nobody else may read. Errors say what to do about it.
namespace wallet {

/// Makes the folder (mode 0700) and its parents where missing. `denied` when it is there but others
/// can look inside or it is somebody else's; `io` when it cannot be made or is no folder.
ledger::Result<void> make_private_folder(const std::filesystem::path& folder);

/// The whole file. `denied` when others can read it or it is somebody else's, `full` when it is
/// longer than `most` bytes (nothing is read then), `not_found`; `io` for links and other things
/// that are no plain file.
ledger::Result<std::string> read_private_file(const std::filesystem::path& file, std::size_t most);

/// Writes a file that is not there yet, mode 0600. After a crash it is there whole or not at all;
/// when this returns it is on the disk. `denied` when there is one already, which stays as it is.
ledger::Result<void> write_new_private_file(const std::filesystem::path& file,
                                            std::string_view text);

}  // namespace wallet
