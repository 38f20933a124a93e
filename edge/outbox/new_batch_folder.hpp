#pragma once

#include "edge/queue/queue.hpp"

#include <string>

namespace edge {

/// The batch's files in a folder that is not there yet and appears whole. `denied` when something
/// has its name; those of `write_batch_files`.
ledger::Result<void> write_new_batch_folder(ledger::Disk& disk, const std::string& folder,
                                            const StoredBatch& batch,
                                            const ledger::PublicKey& device);

}  // namespace edge
