#pragma once

#include "inference/model/content_id.hpp"
#include "wallet/sealed/batch_folder.hpp"

#include <functional>

namespace wallet::cli {

/// The file of a sealed batch that is the model of this content, whatever it is called. Opened in
/// memory: at most one file of `most_bytes` at a time; longer ones, and those that are no models,
/// are passed over. `not_found` where none of them is it, and the errors of read_items.
/// `progress` is told the bytes of ciphertext read.
ledger::Result<ledger::Bytes> model_in(BatchFolder& batch, const ledger::SecretKey& key,
                                       const inference::ContentId& content, std::size_t most_bytes,
                                       const std::function<void(std::uint64_t)>& progress);

}  // namespace wallet::cli
