#pragma once

#include "edge/queue/record.hpp"

#include <optional>
#include <string>

/// Files of a queue that are one record, replaced as a whole.
namespace edge {

/// `folder`/`name` is on the disk with this body when this returns; after a crash it has the old
/// body or the new one.
ledger::Result<void> write_small_file(ledger::Disk& disk, const std::string& folder,
                                      const std::string& name, RecordType type,
                                      ledger::ByteView body);

/// Empty when there is none; `corrupt` when it is not what was written; `io`.
ledger::Result<std::optional<ledger::Bytes>> read_small_file(ledger::Disk& disk,
                                                             const std::string& folder,
                                                             const std::string& name,
                                                             RecordType type);

}  // namespace edge
