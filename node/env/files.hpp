#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"

#include <cstddef>
#include <filesystem>

namespace node {

enum class FileMode : unsigned {
    private_file = 0600,  ///< keys, tokens
    public_file = 0644,   ///< what others may read
};

/// Makes the directory and its parents; the directory itself is 0700 when it is made here.
/// Error denied: it is there but belongs to somebody else or others can enter it; io otherwise.
ledger::Result<void> make_private_directory(const std::filesystem::path& path);

/// Whether nobody but its owner, who is us, can read or write `path`, which must be a regular
/// file or a directory and no symbolic link. Errors: not_found, denied with the mode in words.
ledger::Result<void> check_private(const std::filesystem::path& path);

/// The whole file, if it has at most `limit` bytes: error full otherwise; nothing beyond the
/// limit is read. Errors: not_found, denied, io (also for a directory or a device).
ledger::Result<ledger::Bytes> read_file(const std::filesystem::path& path, std::size_t limit);

/// Replaces the file as a whole: after a crash at any moment it holds the old bytes or the new.
/// Writes a temporary file beside it, syncs it, renames it over and syncs the directory.
/// Errors: full (no space), denied, io.
ledger::Result<void> write_file(const std::filesystem::path& path, ledger::ByteView bytes,
                                FileMode mode = FileMode::private_file);

/// `full` when fewer than `bytes` are left to us on the folder's disk.
ledger::Result<void> check_space(const std::filesystem::path& folder, std::uint64_t bytes);

}  // namespace node
