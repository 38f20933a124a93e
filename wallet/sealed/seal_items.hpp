#pragma once

#include "wallet/sealed/batch_manifest.hpp"
#include "wallet/sealed/find_items.hpp"

#include <functional>

namespace wallet {

struct SealRequest {
    std::vector<FoundItem> items;
    ledger::Hash dataset;
    std::vector<ledger::X25519PublicKey> masters;  ///< 1 to 16, all different
    std::filesystem::path folder;                  ///< must not be there yet
};

/// Told how many bytes of the files have been read so far.
using Progress = std::function<void(std::uint64_t bytes)>;

/// Seals the files into one batch under a key drawn for it: batch.sealed (the chunks one after
/// another), batch.leaves (64 bytes for each) and batch.json, in a folder that appears when all is
/// written. Memory: one chunk. Errors: `denied` when the folder is there, `invalid` when a file
/// changed its size meanwhile; those of the files.
ledger::Result<BatchManifest> seal_items(const SealRequest& request, ledger::Random& random,
                                         const Progress& progress);

}  // namespace wallet
