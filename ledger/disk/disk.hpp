#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ledger {

/// An open file. Errors: `full` when there is no space, `denied` for permissions, `io` otherwise.
/// Threads: one at a time.
class File {
public:
    virtual ~File() = default;

    /// All of `bytes` at `offset`, growing the file where needed. After an error any part of
    /// them may be there. Not durable before `sync`.
    [[nodiscard]] virtual Result<void> write(std::uint64_t offset, ByteView bytes) = 0;
    /// fdatasync: what was written, and the size, survive a loss of power. After an error nobody
    /// knows what does, and a second call may lie: never call it again.
    [[nodiscard]] virtual Result<void> sync() = 0;
    /// Up to `at_most` bytes; fewer at the end of the file.
    virtual Result<Bytes> read(std::uint64_t offset, std::size_t at_most) const = 0;
    virtual Result<std::uint64_t> size() const = 0;
    [[nodiscard]] virtual Result<void> truncate(std::uint64_t size) = 0;
    /// Writes zeros from the end of the file up to `size`: later writes there find their blocks
    /// allocated, and a sync has no size to record. Never shrinks.
    [[nodiscard]] virtual Result<void> preallocate(std::uint64_t size) = 0;
};

enum class OpenMode {
    existing,  ///< `not_found` when there is none
    fresh,     ///< empty, whatever was there before
};

/// The disk as our own files see it: everything that may fail or be lost goes through here, so
/// that a test can make it fail. RocksDB has its own door.
class Disk {
public:
    virtual ~Disk() = default;
    virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
    /// Puts `from` in the place of `to`, at once for every reader.
    [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
    [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;
    /// Names of the files directly in `folder`, ascending.
    virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
    /// Makes `folder` and its parents; fine when they are there.
    [[nodiscard]] virtual Result<void> make_folder(const std::string& folder) = 0;
    /// New, renamed and removed names in `folder` survive a loss of power.
    [[nodiscard]] virtual Result<void> sync_folder(const std::string& folder) = 0;
};

/// The real one. Stateless; any thread.
class PosixDisk final : public Disk {
public:
    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
    Result<void> rename(const std::string& from, const std::string& to) override;
    Result<void> remove(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& folder) override;
    Result<void> make_folder(const std::string& folder) override;
    Result<void> sync_folder(const std::string& folder) override;
};

}  // namespace ledger
