#pragma once

#include "wallet/sealed/batch_folder.hpp"

#include <filesystem>
#include <functional>

namespace wallet {

struct Extracted {
    std::uint64_t items{};
    std::uint64_t bytes{};
};

/// Opens the batch and writes its items below `folder`, which must not be there yet and appears
/// when all of them are written; files are for their owner alone. Memory: one chunk beside the
/// batch's leaves. `denied` when the key is not the batch's or the folder is there; `invalid` when
/// a chunk does not open or what was sealed are no items; those of the files. `progress` is told
/// the bytes of ciphertext read.
ledger::Result<Extracted> extract(BatchFolder& batch, const ledger::SecretKey& key,
                                  const std::filesystem::path& folder,
                                  const std::function<void(std::uint64_t)>& progress);

}  // namespace wallet
