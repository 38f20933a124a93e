#pragma once

#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"

#include <cstdint>
#include <filesystem>

namespace training {

/// The whole file, at most `most_bytes` of it.
ledger::Result<ledger::Bytes> read_whole_file(const std::filesystem::path& path,
                                              std::uint64_t most_bytes);

/// Writes beside `path`, syncs and puts it in its place: what was there before stays whole until
/// the new file is.
ledger::Result<void> write_whole_file(const std::filesystem::path& path, ledger::ByteView bytes);

}  // namespace training
