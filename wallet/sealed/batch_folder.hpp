#pragma once

#include "ledger/sealing/batch_key.hpp"
#include "wallet/sealed/batch_manifest.hpp"

#include <filesystem>
#include <fstream>
#include <functional>

namespace wallet {

/// A sealed batch on the disk: batch.json, batch.leaves and batch.sealed of a folder. One thread.
class BatchFolder {
public:
    /// Reads the manifest and the leaves, and checks these against its root; the chunks are not
    /// looked at yet. `invalid` says which file is not as it should be; `not_found`, `io`.
    static ledger::Result<BatchFolder> open(const std::filesystem::path& folder);

    const BatchManifest& manifest() const { return manifest_; }
    const ledger::sealing::LeafTable& leaves() const { return leaves_; }

    /// The sealed chunk `index`, as it stands there. `io`.
    ledger::Result<ledger::Bytes> read(std::uint64_t index);
    /// Whether every chunk is the one that its leaf commits to, without a key; `invalid` names the
    /// first that is not. `progress` is told the bytes read.
    ledger::Result<void> verify(const std::function<void(std::uint64_t)>& progress);

    /// The key of the batch, opened with one of its masters. `denied` when it was sealed to
    /// others, `invalid` when the wrap is damaged.
    ledger::Result<ledger::SecretKey> unwrap(const ledger::X25519Key& master) const;

private:
    BatchFolder(BatchManifest manifest, ledger::sealing::LeafTable leaves, std::ifstream sealed)
        : manifest_{std::move(manifest)}, leaves_{std::move(leaves)}, sealed_{std::move(sealed)}
    {
    }

    BatchManifest manifest_;
    ledger::sealing::LeafTable leaves_;
    std::ifstream sealed_;
};

}  // namespace wallet
