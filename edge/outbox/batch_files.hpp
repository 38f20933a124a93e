#pragma once

#include "edge/queue/queue.hpp"

#include <string>

namespace edge {

/// The batch as people's tools read it, nothing of it secret: batch.json (what fits the ledger and
/// the wrapped keys) and contribution.json (what the device signed, and its signature; all texts).
std::string manifest_text(const StoredBatch& batch);
std::string contribution_text(const StoredBatch& batch, const ledger::PublicKey& device);

/// Writes batch.sealed, batch.leaves and those two into `folder`, which is made; on the disk, but
/// for the folder's own name, when this returns. Holds one chunk and the leaves. `corrupt` when the
/// bytes are not those that were signed.
ledger::Result<void> write_batch_files(ledger::Disk& disk, const std::string& folder,
                                       const StoredBatch& batch, const ledger::PublicKey& device);

}  // namespace edge
