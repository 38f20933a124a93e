#pragma once

#include "ledger/transfer/fetch_crew.hpp"
#include "wallet/batches/batch_client.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace wallet {

/// Somebody who is told how far a long work is; made when it begins, gone when it ends.
using Tell = std::function<void(std::uint64_t bytes)>;
using BeginTelling = std::function<std::shared_ptr<Tell>(const char* what, std::uint64_t all)>;

struct FetchedBatch {
    BatchManifest manifest;
    std::filesystem::path folder;
    ledger::transfer::FetchCrew::Told told;
};

/// The manifest of the first that has one. That it names the right masters nobody can tell before
/// the batch is opened; that its root is the right one, everybody.
Outcome<BatchManifest> manifest_of(const std::vector<BatchClient>& nodes, const ledger::Hash& root);

/// Fetches a batch into `folder` from all nodes at once; each chunk is checked before it is kept.
/// What is not whole stands in FOLDER.partial, and the next call goes on from there; a folder that
/// is there already is `denied`. `bytes_per_second` 0: no limit.
Outcome<FetchedBatch> fetch_batch(const std::vector<BatchClient>& nodes,
                                  const BatchManifest& manifest,
                                  const std::filesystem::path& folder,
                                  std::uint64_t bytes_per_second, const BeginTelling& begin);

}  // namespace wallet
