#pragma once

#include "ledger/sealing/items.hpp"
#include "wallet/sealed/batch_folder.hpp"

#include <functional>

namespace wallet {

/// Opens a batch chunk by chunk, in memory, and hands over its items as they come. Memory: one
/// chunk beside the batch's leaves, which is overwritten. `denied` when the key is not the batch's;
/// `invalid` when a chunk does not open or what was sealed are no items; those of the files and of
/// the handler. `progress` is told the bytes of ciphertext read.
ledger::Result<void> read_items(BatchFolder& batch, const ledger::SecretKey& key,
                                ledger::sealing::ItemReader::Handler handler,
                                const std::function<void(std::uint64_t)>& progress);

}  // namespace wallet
